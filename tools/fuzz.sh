#!/usr/bin/env bash
# Runs fuzz targets, as many at once as there are processors: fuzz.sh BUILD SECONDS [TARGET …]. Each target prints its
# executions and the number of covered places; the last line is `N passed, N failed`. Finds are kept in BUILD/findings,
# what reads something new in BUILD/corpus for the next run. FUZZ_SEED=N repeats a run as far as time allows.
set -uo pipefail
build=$(realpath "$1")
seconds=$2
shift 2
source=$(realpath "$(dirname "$0")/..")
shared=$(realpath -m "${YOLOVINO_SHARED:-$source/../shared}")
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    for corpus in "$source"/tests/fuzz/corpus/*/; do targets+=("$(basename "$corpus")"); done
fi
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
if [ -d "$shared/checkpoints" ]; then
    mkdir -p "$build/shared-pickles"
    cp -f "$shared"/checkpoints/*.data.pkl "$build/shared-pickles"
fi

# A machine that stands still for seconds makes any input slow: only one that is slow again counts.
only_slow_once() {
    local program=$1 find
    find=$(sed -n 's/^.*Test unit written to //p' "$2" | tail -n 1)
    [[ $find == */timeout-* ]] && "$program" -timeout=10 "$find" >/dev/null 2>&1
}

run_target() {
    local target=$1 program=$build/tests/fuzz_$1 finds=$build/findings/$1 log=$build/findings/$1.log
    local seeds=("$source/tests/fuzz/corpus/$target") status runs coverage
    mkdir -p "$build/corpus/$target" "$finds"
    case $target in
        audit | pickle | checkpoint | zip) [ -d "$shared/corpora/picklescan" ] && seeds+=("$shared/corpora/picklescan") ;;
    esac
    # The pickles of official models stand for whole checkpoints, too, for they are put into an archive.
    case $target in audit | pickle | checkpoint) [ -d "$build/shared-pickles" ] && seeds+=("$build/shared-pickles") ;; esac
    # Some inputs are large for the sake of their size; most must be small to be fast.
    "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
        -seed="${FUZZ_SEED:-0}" -dict="$source/tests/fuzz/words.dict" -artifact_prefix="$finds/" \
        "$build/corpus/$target" "${seeds[@]}" >"$log" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)
    echo "$target: ${runs:-?} executions, ${coverage:-no coverage}, status $status"
    [ "$status" -eq 0 ] && return
    if only_slow_once "$program" "$log"; then
        echo "$target: an input took 10 s once, and not again"
        return
    fi
    tail -n 40 "$log"
    return 1
}

# Relative patterns in the inputs shall find nothing.
mkdir -p "$build/empty"
cd "$build/empty" || exit 1
failed=0
running=0
finish_one() {
    wait -n || failed=$((failed + 1))
    running=$((running - 1))
}
for target in "${targets[@]}"; do
    [ "$running" -lt "$(nproc)" ] || finish_one
    run_target "$target" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do finish_one; done
echo "$((${#targets[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
