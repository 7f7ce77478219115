#!/usr/bin/env bash
# Runs all tests through ctest and lists the ten slowest; the last line is `N passed, N failed`.
set -uo pipefail
build=$1
log=$build/ctest.log
# In a build with sanitizers, the first report ends the test.
export ASAN_OPTIONS=${ASAN_OPTIONS-halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:detect_odr_violation=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS-halt_on_error=1:print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS-halt_on_error=1 ignore_noninstrumented_modules=1 suppressions=$PWD/tests/support/thread_sanitizer.supp}
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" >"$log" 2>&1
status=$?
total=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$log")
failed=$(sed -n 's/^.*tests passed, \([0-9]*\) tests failed out of.*$/\1/p' "$log")
skipped=$(grep -c '\*\*\*Skipped' "$log")
if [ "$status" -ne 0 ]; then
    cat "$log"
elif [ "$skipped" -gt 0 ]; then
    grep '\*\*\*Skipped' "$log"
fi
if [ "${total:-0}" -eq 0 ] || [ -z "$failed" ]; then
    echo "no test was run; see $log"
    echo "0 passed, 1 failed"
    exit 1
fi
# In CI the reference data is present, so a skipped test is one that never looked.
if [ -n "${CI:-}" ] && [ "$skipped" -gt 0 ]; then
    echo "$skipped tests were skipped in CI"
    failed=$((failed + skipped))
    skipped=0
fi
echo "the slowest tests:"
sed -nE 's|^ *[0-9]+/[0-9]+ Test +#[0-9]+: ([^ ]+) .* ([0-9.]+) sec.*$|\2 \1|p' "$log" | sort -rn | head -n 10 | sed 's/^\([^ ]*\)/  \1 s/'
passed=$((total - failed - skipped))
tail=""
[ "$skipped" -gt 0 ] && tail=", $skipped skipped"
echo "$passed passed, $failed failed$tail"
[ "$failed" -eq 0 ]
