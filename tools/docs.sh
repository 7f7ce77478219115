#!/usr/bin/env bash
# Writes the API reference, build/docs/api/index.html, from the comments of include/yolovino. Every warning is an error:
# each type, function, and enumerator of the interface has a comment. A data member needs none where its name and type
# say all, nor do copies, moves, comparisons, and what an iterator must have.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v doxygen >/dev/null || { echo "docs: doxygen is not installed; run: tools/setup.sh docs" >&2; exit 1; }
YOLOVINO_VERSION=$(sed -n 's/^project(yolovino VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
export YOLOVINO_VERSION
mkdir -p build/docs
rm -rf build/docs/api
doxygen Doxyfile
plain='Member .* \(variable\)|Member operator(==|=)\(|Member ([A-Za-z]+)\((const )?\3 &'
warnings=$(grep -vE "($plain).* is not documented|of class [A-Za-z:]+::Iterator is not documented" build/docs/warnings.log || true)
if [ -n "$warnings" ]; then
    echo "$warnings" >&2
    echo "docs: $(echo "$warnings" | wc -l) warnings" >&2
    exit 1
fi
echo "docs: build/docs/api/index.html"
