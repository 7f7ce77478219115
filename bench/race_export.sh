#!/usr/bin/env bash
# Races export to OpenVINO, and the exports themselves in benchmark_app, against Ultralytics: whole processes in turn.
# usage: bench/race_export.sh YOLO REFERENCE_BIN MODEL [RUNS]
# REFERENCE_BIN is the folder of the executables of an environment with ultralytics, torch, and openvino; MODEL is a .pt
# or the name of a YAML of Ultralytics (yolo11n.yaml), whose weights are then random. Both exports run in the plugin's
# defaults, with one stream; the least of the medians of all runs stands for each.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,6p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")
reference=$2
model=$3
runs=${4:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export YOLO_OFFLINE=true YOLO_CONFIG_DIR=$work
mkdir "$work/ours" "$work/theirs"
case $model in
    *.yaml)
        "$reference/python" - "$model" "$work/ours/model.pt" >"$work/log" 2>&1 <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
import sys
from ultralytics import YOLO

YOLO(sys.argv[1]).save(sys.argv[2])
PYTHON
        ;;
    *) cp "$model" "$work/ours/model.pt" ;;
esac
cp "$work/ours/model.pt" "$work/theirs/"

least() { sort -n "$work/$1" | head -1; }
timed() { # NAME FOLDER COMMAND…
    local name=$1 folder=$2
    shift 2
    (cd "$folder" && /usr/bin/time -o "$work/time" -f '%e' "$@" >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }
    cat "$work/time" >>"$work/$name"
}
latency() { # NAME FOLDER
    "$reference/benchmark_app" -m "$2/model_openvino_model/model.xml" -d CPU -hint none -nstreams 1 -nireq 1 -api sync \
        -t 4 >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    awk '/Median:/ {print $(NF - 1)}' "$work/log" >>"$work/$1"
}
for _ in $(seq "$runs"); do
    timed export-ours "$work/ours" "$ours" export model=model.pt format=openvino imgsz=640
    timed export-theirs "$work/theirs" "$reference/yolo" export model=model.pt format=openvino imgsz=640
done
for _ in $(seq "$runs"); do
    latency run-ours "$work/ours"
    latency run-theirs "$work/theirs"
done
awk -v a="$(least export-ours)" -v b="$(least export-theirs)" \
    'BEGIN {printf "export    ours %8.2f s   Ultralytics %8.2f s   %6.1f times faster\n", a, b, b / a}'
awk -v a="$(least run-ours)" -v b="$(least run-theirs)" \
    'BEGIN {printf "inference ours %8.2f ms  Ultralytics %8.2f ms  ratio %.3f\n", a, b, a / b}'
