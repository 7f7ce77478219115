#!/usr/bin/env bash
# Races validation against Ultralytics, whole processes in turn: the same file of each format, each side with its own
# runtime (ours: OpenVINO, ONNX Runtime, LibTorch; theirs: OpenVINO, ONNX Runtime, PyTorch), batch 1, without plots.
# Prints ratios of medians and both mAP50-95.
# usage: bench/race_val.sh YOLO REFERENCE_BIN MODEL.pt DATA.yaml [RUNS] [FORMATS]
# REFERENCE_BIN is the folder of the executables of an environment with ultralytics, torch, openvino, and onnxruntime.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,6p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")
theirs=$(realpath "$2")/yolo
model=$(realpath "$3")
data=$(realpath "$4")
runs=${5:-3}
formats=${6:-openvino onnx torchscript pytorch}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$model" model.pt
# Ultralytics looks for a relative path from its working folder, not from the file's.
sed "s|^path: *\([^/].*\)\?$|path: $(dirname "$data")/\1|" "$data" >data.yaml
"$ours" export model=model.pt format=openvino,onnx,torchscript verbose=False >/dev/null

declare -A file=([openvino]=model_openvino_model [onnx]=model.onnx [torchscript]=model.torchscript [pytorch]=model.pt)
# Appends wall seconds, peak kilobytes, and mAP50-95 of a command.
measure() { # NAME COMMAND…
    local name=$1
    shift
    /usr/bin/time -o time -f '%e %M' "$@" >log 2>&1 || { cat log >&2; exit 1; }
    echo "$(cat time) $(awk '$1 == "all" {print $7}' log | tail -n 1)" >>"$name"
}
median() { sort -n "$1" | awk -v column="$2" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }

export YOLO_OFFLINE=true
lscpu | sed -n 's/^Model name: */CPU /p'
for format in $formats; do
    runtime=()
    [ "$format" = pytorch ] && runtime=(runtime=libtorch)
    for ((i = 0; i < runs; ++i)); do
        measure "$format-ours" "$ours" val model="${file[$format]}" data=data.yaml batch=1 plots=False cache_dir=none "${runtime[@]}"
        measure "$format-theirs" "$theirs" val model="${file[$format]}" data=data.yaml batch=1 plots=False device=cpu
    done
    printf '%-12s ours %7.2f s %7d KB mAP50-95 %s   Ultralytics %7.2f s %7d KB mAP50-95 %s   %4.1f times faster\n' "$format" \
        "$(median "$format-ours" 1)" "$(median "$format-ours" 2)" "$(median "$format-ours" 3)" \
        "$(median "$format-theirs" 1)" "$(median "$format-theirs" 2)" "$(median "$format-theirs" 3)" \
        "$(awk -v a="$(median "$format-theirs" 1)" -v b="$(median "$format-ours" 1)" 'BEGIN {print a / b}')"
done
