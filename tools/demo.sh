#!/usr/bin/env bash
# Exports the embedded sample checkpoint of each task, predicts a few embedded images with it, measures it on its
# validation images, and says where to look.
set -euo pipefail
yolo=$(realpath "$1")
cd "$(dirname "$0")/.."
work=build/demo
rm -rf "$work"
sample=$PWD/assets/sample

# demo TASK CHECKPOINT IMAGES-FOLDER DATA IMAGE…
demo() {
    local task=$1 model=$2 folder=$3 data=$4
    shift 4
    mkdir -p "$work/$task/images"
    cp "$sample/$model.pt" "$work/$task/"
    for image in "$@"; do cp "$sample/$folder/$image" "$work/$task/images/"; done
    echo
    echo "== $task"
    (
        cd "$work/$task"
        "$yolo" export model="$model.pt" format=openvino
        "$yolo" predict model="${model}_openvino_model" source=images project="$PWD" name=annotated
        "$yolo" val model="${model}_openvino_model" data="$sample/$data" project="$PWD" name=measured plots=False verbose=False
    )
}

demo detect yolov8-shapes shapes-val/images/val shapes-val/shapes.yaml 0004.jpg 0009.jpg 0018.jpg 0031.jpg
demo segment yolov8-shapes-seg shapes-val-seg/images/val shapes-val-seg/shapes-seg.yaml 0000.png 0007.png 0015.png 0018.png
demo pose yolov8-shapes-pose shapes-val-pose/images/val shapes-val-pose/shapes-pose.yaml 0000.png 0007.png 0015.png 0018.png
demo obb yolov8-shapes-obb shapes-val-obb/images/val shapes-val-obb/shapes-obb.yaml 0000.png 0007.png 0015.png 0018.png
demo classify yolov8-shapes-cls shapes-val-cls/val shapes-val-cls triangle/0001_0.png square/0004_0.png star/0002_0.png
echo
echo "The annotated images are in $PWD/$work/{detect,segment,pose,obb,classify}/annotated"
echo "The same in a browser: $yolo serve model=$PWD/$work/detect/yolov8-shapes.pt, then http://127.0.0.1:8000"
