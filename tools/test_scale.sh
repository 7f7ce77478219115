#!/usr/bin/env bash
# test_scale.sh BUILD [FOLDER]: tests of the Python package on real clusters of Ray and Spark, against the library of a
# build; the last line is `N passed, N failed`.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/.."
export YOLOVINO_COMMAND=$build/yolo
export PYTHONPATH=$PWD/.deps
export PYSPARK_PYTHON=$PWD/.venv-scale/bin/python
# What they send home otherwise.
export RAY_USAGE_STATS_ENABLED=0
exec tools/test_python.sh "$build" "${2:-python/tests_scale}" .venv-scale
