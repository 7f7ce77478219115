#!/usr/bin/env bash
# Races the command against Ultralytics on whole processes and prints ratios of medians, taken in turn in one run.
# usage: bench/race.sh YOLO ULTRALYTICS_YOLO MODEL.pt PICTURE [RUNS]
# Both sides run in their defaults. Ultralytics is the executable of an environment with ultralytics, torch, and openvino.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,5p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")
theirs=$(realpath "$2")
model=$(realpath "$3")
picture=$(realpath "$4")
runs=${5:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/ours" "$work/theirs"
cp "$model" "$work/ours/model.pt"
cp "$model" "$work/theirs/model.pt"

# Appends the wall milliseconds and peak kilobytes of a command that runs in a folder.
measure() { # NAME FOLDER COMMAND…
    local name=$1 folder=$2
    shift 2
    (cd "$folder" && /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
    cat "$work/time" >>"$work/$name"
}
median() { sort -n "$work/$1" | awk -v column="$2" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }
report() { # WHAT
    printf '%-8s ours %7.3f s %7d KB   Ultralytics %7.3f s %7d KB   %5.1f times faster\n' "$1" "$(median "$1-ours" 1)" \
        "$(median "$1-ours" 2)" "$(median "$1-theirs" 1)" "$(median "$1-theirs" 2)" \
        "$(awk -v a="$(median "$1-theirs" 1)" -v b="$(median "$1-ours" 1)" 'BEGIN {print a / (b > 0 ? b : 0.005)}')"
}

export YOLO_OFFLINE=true
lscpu | sed -n 's/^Model name: */CPU /p'
for ((i = 0; i < runs; ++i)); do
    measure export-ours "$work/ours" "$ours" export model=model.pt format=openvino
    measure export-theirs "$work/theirs" "$theirs" export model=model.pt format=openvino
    measure predict-ours "$work/ours" "$ours" predict model=model_openvino_model source="$picture"
    measure predict-theirs "$work/theirs" "$theirs" predict model=model_openvino_model source="$picture"
done
report export
report predict
