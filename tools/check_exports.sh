#!/usr/bin/env bash
# Loads exports in their own worlds and prints how far each answer lies from PyTorch's with the checkpoint:
#   tools/check_exports.sh PYTHON_BIN MODEL.pt [IMAGE] [YOLO]
# PYTHON_BIN: folder of the executables of an environment with ultralytics, torch, onnx, onnxruntime, openvino, and
# opencv. Not part of the tests: nothing else here needs Python. The output is a Markdown table.
set -euo pipefail
if [ $# -lt 2 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")/.." && pwd)
python=$(realpath "$1")/python
model=$(realpath "$2")
image=$(realpath "${3:-$here/assets/sample/shapes-val/images/val/0004.jpg}")
yolo=$(realpath "${4:-$here/build/release/yolo}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

stem=$(basename "$model" .pt)
variant() { # NAME ARGUMENTS…: the exports of one set of arguments in a folder of their own
    local folder=$1
    shift
    mkdir -p "$folder"
    cp "$model" "$folder/$stem.pt"
    "$yolo" export model="$folder/$stem.pt" verbose=False "$@" >/dev/null 2>>"$work/log"
}
variant static format=openvino,onnx,torchscript
variant dynamic format=openvino,onnx,torchscript dynamic=True
variant half format=openvino,onnx,torchscript half=True
for opset in 11 12 13 14 15 16 17 18 19 20; do variant "opset$opset" format=onnx opset="$opset"; done

export YOLO_OFFLINE=true YOLO_VERBOSE=false
"$python" -W ignore "$here/tools/check_exports.py" "$stem" "$image"

printf '\n| OpenVINO benchmark_app, latency hint, 4 s | images/s |\n|---|---|\n'
for kind in static half; do
    rate=$("$(dirname "$python")/benchmark_app" -m "$kind/${stem}_openvino_model/$stem.xml" -d CPU -hint latency -t 4 2>&1 |
        sed -n 's/.*Throughput: *\([0-9.]*\) FPS.*/\1/p')
    echo "| $kind | ${rate:-failed} |"
done
