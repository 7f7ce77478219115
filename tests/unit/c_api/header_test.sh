#!/usr/bin/env bash
# The header is C11 for gcc and clang, C++20 for g++, and includes what it uses: header_test.sh INCLUDE
set -euo pipefail
header=$1/yolovino/c/yolovino.h
strict=(-Wall -Wextra -Wconversion -Wpedantic -pedantic -Werror -fsyntax-only -x)
compilers=0
for compiler in gcc clang-14 clang; do
  command -v "$compiler" >/dev/null || continue
  # Twice: the second time it must be empty.
  printf '#include "%s"\n' "$header" "$header" | "$compiler" -std=c11 "${strict[@]}" c -
  printf '#include "%s"\nstatic_assert(YV_OK == 0);\n' "$header" | "$compiler" -std=c++20 "${strict[@]}" c++ -
  compilers=$((compilers + 1))
done
if [ "$compilers" -lt 2 ]; then
  echo "skipped: gcc and clang are wanted, found $compilers of them; install clang-14"
  exit 77
fi
echo "the header compiles with $compilers compilers"
