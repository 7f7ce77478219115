#!/usr/bin/env bash
# Runs fuzz targets one after the other: fuzz.sh BUILD SECONDS [TARGET …]. Finds are kept in BUILD/findings and end in
# status 1; each target prints its executions and the number of covered places. What reads something new is kept in
# BUILD/corpus for the next run.
set -uo pipefail
build=$(realpath "$1")
seconds=$2
shift 2
source=$(realpath "$(dirname "$0")/..")
shared=${YOLOVINO_SHARED:-$source/../shared}
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    for corpus in "$source"/tests/fuzz/corpus/*/; do targets+=("$(basename "$corpus")"); done
fi
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
failed=0
for target in "${targets[@]}"; do
    mkdir -p "$build/corpus/$target" "$build/findings/$target"
    seeds=("$source/tests/fuzz/corpus/$target")
    case $target in
        pickle | checkpoint | zip) [ -d "$shared/corpora/picklescan" ] && seeds+=("$shared/corpora/picklescan") ;;
    esac
    # The pickles of official models stand for whole checkpoints, too, for they are put into an archive.
    case $target in pickle | checkpoint) [ -d "$shared/checkpoints" ] && seeds+=("$build/shared-pickles") ;; esac
    if [ -d "$shared/checkpoints" ]; then
        mkdir -p "$build/shared-pickles"
        cp -f "$shared"/checkpoints/*.data.pkl "$build/shared-pickles"
    fi
    log=$build/findings/$target.log
    # Some inputs are large for the sake of their size; most must be small to be fast.
    "$build/tests/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
        -dict="$source/tests/fuzz/words.dict" -artifact_prefix="$build/findings/$target/" "$build/corpus/$target" "${seeds[@]}" >"$log" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)
    echo "$target: ${runs:-?} executions, ${coverage:-no coverage}, status $status"
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$log"
        failed=1
    fi
done
exit "$failed"
