#!/usr/bin/env bash
# Races the command against Ultralytics on whole processes, and against OpenVINO's benchmark_app on a folder of photos.
# Prints ratios of medians, taken in turn in one run.
# usage: bench/race.sh YOLO REFERENCE_BIN MODEL.pt IMAGE PHOTOS [RUNS]
# REFERENCE_BIN is the folder of the executables of an environment with ultralytics, torch, and openvino; PHOTOS is a
# folder of at least 100 photos. All sides run in their defaults, but for the cache of compiled models: only the row that
# names it uses one.
set -euo pipefail
[ $# -ge 5 ] || { sed -n '2,7p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")
theirs=$2/yolo
benchmark_app=$2/benchmark_app
model=$(realpath "$3")
image=$(realpath "$4")
photos=$(realpath "$5")
runs=${6:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/ours" "$work/theirs" "$work/few" "$work/many"
cp "$model" "$work/ours/model.pt"
cp "$model" "$work/theirs/model.pt"
for photo in "$photos"/*; do
    ln -s "$photo" "$work/few/"
    for copy in 1 2 3; do ln -s "$photo" "$work/many/$copy-${photo##*/}"; done
done
extra=$((2 * $(find "$work/few" -type l | wc -l)))

# Appends the wall seconds and peak kilobytes of a command that runs in a folder.
measure() { # NAME FOLDER COMMAND…
    local name=$1 folder=$2
    shift 2
    (cd "$folder" && /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
    cat "$work/time" >>"$work/$name"
}
median() { sort -n "$work/$1" | awk -v column="$2" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }
report() { # WHAT OURS THEIRS
    printf '%-28s ours %7.3f s %7d KB   Ultralytics %7.3f s %7d KB   %5.1f times faster\n' "$1" "$(median "$2" 1)" \
        "$(median "$2" 2)" "$(median "$3" 1)" "$(median "$3" 2)" \
        "$(awk -v a="$(median "$3" 1)" -v b="$(median "$2" 1)" 'BEGIN {print a / (b > 0 ? b : 0.005)}')"
}

export YOLO_OFFLINE=true
lscpu | sed -n 's/^Model name: */CPU /p'
predict=(predict model=model_openvino_model)
for ((i = 0; i < runs; ++i)); do
    measure export-ours "$work/ours" "$ours" export model=model.pt format=openvino
    measure export-theirs "$work/theirs" "$theirs" export model=model.pt format=openvino
    measure predict-ours "$work/ours" "$ours" "${predict[@]}" source="$image" cache_dir=none
    measure predict-theirs "$work/theirs" "$theirs" "${predict[@]}" source="$image"
    # The first run of all fills the cache.
    [ -d "$work/cache" ] || "$ours" predict model="$work/ours/model_openvino_model" source="$image" save=False \
        cache_dir="$work/cache" >/dev/null
    measure cached-ours "$work/ours" "$ours" "${predict[@]}" source="$image" cache_dir="$work/cache"
    # The rate is the slope between two folders, so that the start does not count.
    measure few-ours "$work/ours" "$ours" "${predict[@]}" source="$work/few" save=False cache_dir=none
    measure many-ours "$work/ours" "$ours" "${predict[@]}" source="$work/many" save=False cache_dir=none
    "$benchmark_app" -m "$work/ours/model_openvino_model/model.xml" -d CPU -hint latency -t 8 2>/dev/null |
        sed -n 's/.*Throughput: *\([0-9.]*\) FPS.*/\1/p' >>"$work/rate-app"
    paste -d' ' <(tail -n 1 "$work/few-ours") <(tail -n 1 "$work/many-ours") |
        awk -v extra="$extra" '{print extra / ($3 - $1)}' >>"$work/rate-ours"
done
report export export-ours export-theirs
report predict predict-ours predict-theirs
report 'predict with a warm cache' cached-ours predict-theirs
awk -v a="$(median rate-ours 1)" -v b="$(median rate-app 1)" -v kb="$(median many-ours 2)" 'BEGIN {
    printf "%-28s ours %7.1f images/s %7d KB   benchmark_app -hint latency %7.1f images/s   %5.1f %%\n", "folder of photos", a, kb, b,
        100 * a / b}'
