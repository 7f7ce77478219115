#!/usr/bin/env bash
# Checks format (clang-format) and habits (clang-tidy) of every source file.
set -euo pipefail
build=$1
cd "$(dirname "$0")/.."
for tool in clang-format-14 clang-tidy-14; do
    command -v "$tool" >/dev/null || { echo "lint: $tool is missing; run: apt-get install $tool" >&2; exit 1; }
done
mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
clang-format-14 --dry-run --Werror "${files[@]}"
if [ "${TIDY:-1}" = 1 ]; then
    # Debian's headers of LibTorch do not compile with clang 14 in C++20.
    mapfile -t sources < <(git ls-files 'src/*.cpp' | grep -v src/runtime/libtorch/module/)
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option
fi
echo "lint: ${#files[@]} files are clean"
