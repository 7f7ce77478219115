#!/usr/bin/env bash
# Exports the embedded sample checkpoint, predicts a few embedded pictures with it, and says where to look.
set -euo pipefail
yolo=$(realpath "$1")
cd "$(dirname "$0")/.."
work=build/demo
rm -rf "$work"
mkdir -p "$work/pictures"
cp assets/sample/yolov8-shapes.pt "$work/"
for i in 0004 0009 0018 0031; do cp "assets/sample/shapes-val/images/val/$i.jpg" "$work/pictures/"; done
cd "$work"
"$yolo" export model=yolov8-shapes.pt format=openvino
"$yolo" predict model=yolov8-shapes_openvino_model source=pictures project="$PWD" name=annotated
echo
echo "The annotated pictures are in $PWD/annotated"
