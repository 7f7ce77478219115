#!/usr/bin/env bash
# test_page.sh BUILD [PART OF A NAME]: the page of `yolo serve` in Chromium, with the tools that `tools/setup.sh page`
# installs; screenshots go to build/page, the last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "$1" && pwd) || exit 1
node tests/page/page_test.mjs "$build/yolo" "$PWD" "${2:-}" || exit 1
