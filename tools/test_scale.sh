#!/usr/bin/env bash
# Tests of the Python package on real clusters of Ray and Spark, against the library of a build; the last line is
# `N passed, N failed`.
set -uo pipefail
build=$(realpath "$1")
shift
cd "$(dirname "$0")/.." || exit 1
export YOLOVINO_LIBRARY=$build/libyolovino_c.so.1
export YOLOVINO_COMMAND=$build/yolo
export PYTHONPATH=$PWD/python:$PWD/.deps
export PYSPARK_PYTHON=$PWD/.venv-scale/bin/python
# What they send home otherwise.
export RAY_USAGE_STATS_ENABLED=0
log=$build/test_scale.log
.venv-scale/bin/python -m pytest -p no:cacheprovider --durations=10 "${@:-python/tests_scale}" >"$log" 2>&1
status=$?
[ "$status" -eq 0 ] || cat "$log"
sed -n '/slowest/,/^$/p' "$log"
count() { grep -oE "[0-9]+ $1" "$log" | tail -n 1 | cut -d' ' -f1; }
passed=$(count passed) failed=$(count failed) errors=$(count error)
failed=$((${failed:-0} + ${errors:-0}))
# A run that broke off, or in which no test was found.
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ -z "$passed" ]; }; then failed=1; fi
echo "${passed:-0} passed, $failed failed"
[ "$status" -eq 0 ]
