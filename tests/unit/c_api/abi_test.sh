#!/usr/bin/env bash
# Compares the binary interface that the header describes with the recorded one: nothing may be removed or changed, new
# functions may come. abi_test.sh HEADER SCRIPT DUMP [record]
# Looked at is a shared object whose functions have no bodies: the compiler checks the real ones against the same
# header, and symbols_test.sh that they are all there.
set -euo pipefail
header=$1
script=$2
dump=$3
for tool in abidw abidiff; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is missing; run: tools/setup.sh test"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo "#include \"$header\""
  # Declarations may go on for several lines.
  awk '/^YV_API/ { inside = 1 } inside { print } /;$/ { inside = 0 }' "$header" |
    sed 's/^YV_API //; s/);$/) { __builtin_trap(); }/'
} >"$work/functions.c"
(cd "$work" && gcc -std=c11 -g -O0 -w -shared -fPIC "-ffile-prefix-map=$work=." "-Wl,--version-script=$script" \
  -Wl,-soname,libyolovino_c.so.1 functions.c -o libyolovino_c.so.1)
functions=$(nm -D --defined-only "$work/libyolovino_c.so.1" | grep -c ' T yv_')
[ "$functions" -gt 50 ] || { echo "the test did not look: $functions functions" >&2; exit 1; }
if [ "${4:-}" = record ]; then
  abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed "$work/libyolovino_c.so.1" >"$dump"
  echo "recorded $functions functions in $dump"
  exit
fi
abidiff --no-added-syms "$dump" "$work/libyolovino_c.so.1"
recorded=$(grep -c '<elf-symbol ' "$dump")
echo "$functions functions, $recorded of them recorded, none changed"
