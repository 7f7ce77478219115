#!/usr/bin/env bash
# The shared object shows what its header declares, under the version of the interface, and nothing else; what it needs
# is the library: symbols_test.sh HEADER LIBRARY
set -euo pipefail
header=$1
library=$2
declared=$(sed -n 's/^YV_API .*\b\(yv_[a-z0-9_]*\)(.*/\1/p' "$header" | sort)
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort)
[ "$(wc -l <<<"$declared")" -gt 50 ] || { echo "the test did not look: few functions in $header" >&2; exit 1; }
wanted=$(awk '{ print $0 "@@YOLOVINO_1" }' <<<"$declared")
if ! diff <(echo "$wanted") <(echo "$exported"); then
  echo "the header (<) and the shared object (>) differ" >&2
  exit 1
fi
readelf -d "$library" | grep -F 'Library soname: [libyolovino_c.so.1]' >/dev/null
readelf -d "$library" | grep -F 'Shared library: [libyolovino.so.' >/dev/null
# Symbols of a template of the standard library that are unique would show through any version script.
if nm -D --defined-only "$library" | grep -E ' [uVW] '; then exit 1; fi
echo "$(wc -l <<<"$declared") functions"
