#!/usr/bin/env bash
# test_serve.sh BUILD: clients of others (tritonclient, Ultralytics, KServe, schemathesis) against `yolo serve` of a
# build; the last line is `N passed, N failed`.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/.."
exec tools/test_python.sh "$build" tests/serve_clients .venv-serve
