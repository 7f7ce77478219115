#!/usr/bin/env bash
# kafka.sh BROKER MODEL: answers each image of the topic `frames` with a JSON line in the topic `boxes`, keyed as the
# frame was. It ends when the topic `frames` has been read to its end; without -e it goes on for ever.
set -euo pipefail
broker=$1
model=$2
# Key and image as netstrings, so that either may hold any byte.
kcat -b "$broker" -C -t frames -o beginning -e -q -f '%K:%k,%S:%s,' |
  yolo predict "model=$model" source=- framing=netstring verbose=False |
  # The key is the path in each line.
  sed -u -E 's/^\{"path":"([^"]*)"/\1\t&/' |
  kcat -b "$broker" -P -t boxes -K "$(printf '\t')"
