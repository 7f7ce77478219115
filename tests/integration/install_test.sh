#!/usr/bin/env bash
# Installs the build, builds examples/consumer against it by find_package, and runs it and the installed command.
set -euo pipefail
build=$1
source=$2
prefix=$build/install-test
rm -rf "$prefix" "$build/consumer-test"
cmake --install "$build" --prefix "$prefix" >/dev/null
cmake -S "$source/examples/consumer" -B "$build/consumer-test" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$build/consumer-test" >/dev/null
"$build/consumer-test/consumer" "$source/assets/sample/yolov8-shapes.pt" "$source/assets/sample/shapes-val/images/val/0004.jpg" | grep -q .
"$prefix/bin/yolo" version
"$prefix/bin/yolo" info model="$source/assets/sample/yolov8-shapes.pt" | grep -q 'YOLOv8-shapes summary: 129 layers'
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name yolovino.pc)") pkg-config --exists yolovino
