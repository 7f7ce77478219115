#!/usr/bin/env bash
# The real command on a model whose class names attack terminals, paths, spreadsheets, and gnuplot.
set -euo pipefail
yolo=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
sample=$source/assets/sample
cp "$sample/yolov8-shapes.pt" m.pt
"$yolo" export model=m.pt format=openvino imgsz=320 >out.txt 2>&1 || { cat out.txt && exit 1; }
# shellcheck disable=SC2016 # the command shall see the substitutions, no shell
sed -i -e 's|^  0: circle$|  0: "../../escaped\\e[31m"|' -e 's|^  1: square$|  1: "=cmd,\\"x\\"\\n"|' \
  -e "s|^  2: triangle\$|  2: \"'; system 'touch escaped' #\"|" -e 's|^  3: star$|  3: "$(touch escaped) `touch escaped` <b>"|' \
  m_openvino_model/metadata.yaml
fail() { echo "$*" && exit 1; }
# The log may hold the escapes of its own colours only on a terminal, so here none at all.
harmless() { if grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$1"; then cat -v "$1" && fail "$1 commands the terminal"; fi; }

"$yolo" info model=m_openvino_model >info.txt 2>&1
grep -qF '0: ../../escaped\x1b[31m' info.txt || fail "info does not name the class"
harmless info.txt
"$yolo" val model=m_openvino_model data="$sample/shapes-val/shapes.yaml" imgsz=320 plots=True project="$PWD/runs" name=v >val.txt 2>&1
grep -qF 'escaped\x1b[31m' val.txt || fail "val does not name the class"
harmless val.txt
if grep -q 'a plot is skipped' val.txt; then cat val.txt && fail "a name spoils a plot"; fi
grep -qF '"'"'"'=cmd,""x""\x0a",' runs/v/results.csv || { cat runs/v/results.csv && fail "a name is a formula"; }
[ "$(wc -l <runs/v/results.csv)" -eq 6 ] || fail "a name breaks a line of results.csv"
"$yolo" predict model=m_openvino_model source="$sample/shapes-val/images/val" imgsz=320 save_crop=True project="$PWD/runs" name=p >predict.txt 2>&1
grep -qF 'escaped\x1b[31m' predict.txt || fail "predict does not name the class"
harmless predict.txt
[ "$(find runs/p/crops -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 4 ] || fail "not every class has its folder of crops"
[ "$(find runs/p/crops -mindepth 2 -type d | wc -l)" -eq 0 ] || fail "a name makes a folder within a folder"
if find . "$source" -maxdepth 1 -name 'escaped*' | grep .; then fail "a name left its place"; fi
