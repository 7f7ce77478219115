#!/usr/bin/env bash
# Runs the tests that use threads in a ThreadSanitizer build; the first race ends it. `check_threads.sh BUILD [FILTER]`.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
export TSAN_OPTIONS="halt_on_error=1 ignore_noninstrumented_modules=1 suppressions=$PWD/tests/support/thread_sanitizer.supp"
if [ -n "${2:-}" ]; then exec "$build/tests/engine_tests" --gtest_filter="$2"; fi
"$build/tests/base_tests"
"$build/tests/data_tests"
"$build/tests/engine_tests" --gtest_filter='OrderedWorkerPool.*:Predictor.SixteenThreadsShareOne:Throughput.*:Predict.OneModelServesManyThreads:Val.ResultsDoNotDependOnThreads'
"$build/tests/c_api_tests" --gtest_filter='CThreads.*:CRequest.*:CSource.StopsFromAnotherThread'
