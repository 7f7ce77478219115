#!/usr/bin/env bash
# Races segment, pose, obb, and classify against Ultralytics, whole processes in turn: the export to OpenVINO of a
# checkpoint of the standard size n, and the validation of each sample model, the same OpenVINO folder on both sides.
# Prints ratios of medians.
# usage: bench/race_tasks.sh BUILD REFERENCE_BIN [RUNS]
# BUILD holds yolo and tests/forge_yolov8; REFERENCE_BIN is the folder of the executables of an environment with
# ultralytics, torch, and openvino.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")/yolo
forge=$(realpath "$1")/tests/forge_yolov8
theirs=$(realpath "$2")/yolo
runs=${3:-3}
sample=$(realpath "$(dirname "$0")/../assets/sample")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

measure() { # NAME COMMAND…
    local name=$1
    shift
    /usr/bin/time -o time -f '%e %M' "$@" >log 2>&1 || { cat log >&2; exit 1; }
    cat time >>"$work/$name"
}
median() { sort -n "$work/$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
report() { # NAME
    printf '%-16s ours %7.3f s   Ultralytics %7.3f s   %5.1f times faster\n' "$1" "$(median "$1-ours")" \
        "$(median "$1-theirs")" "$(awk -v a="$(median "$1-theirs")" -v b="$(median "$1-ours")" 'BEGIN {print a / (b > 0 ? b : 0.005)}')"
}

declare -A name=([seg]=segment [pose]=pose [obb]=obb [cls]=classify)
declare -A classes=([seg]=80 [pose]=1 [obb]=15 [cls]=1000)
export YOLO_OFFLINE=true
lscpu | sed -n 's/^Model name: */CPU /p'
for task in seg pose obb cls; do
    mkdir -p "$work/$task/ours" "$work/$task/theirs"
    "$forge" n "$work/$task/ours/n.pt" "${name[$task]}" "${classes[$task]}"
    cp "$work/$task/ours/n.pt" "$work/$task/theirs/n.pt"
    cp "$sample/yolov8-shapes-$task.pt" "$work/$task/sample.pt"
    cp -r "$sample/shapes-val-$task" "$work/$task/data"
    data="$work/$task/data/shapes-$task.yaml"
    [ -f "$data" ] || data="$work/$task/data"
    cd "$work/$task"
    "$ours" export model=sample.pt format=openvino >/dev/null
    for ((i = 0; i < runs; ++i)); do
        (cd ours && measure "export-$task-ours" "$ours" export model=n.pt format=openvino)
        (cd theirs && measure "export-$task-theirs" "$theirs" export model=n.pt format=openvino)
        measure "val-$task-ours" "$ours" val model=sample_openvino_model data="$data" batch=1 plots=False cache_dir=none
        measure "val-$task-theirs" "$theirs" val model=sample_openvino_model data="$data" batch=1 plots=False device=cpu
    done
    report "export-$task"
    report "val-$task"
done
