#!/usr/bin/env bash
# Ends exports at many points, fills the disk, and runs several at once: the name shows a whole result or none, the old
# one stays, and the next export cleans up.
set -euo pipefail
yolo=$1
sample=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$sample" "$folder/m.pt"
cd "$folder"
export_all() { "$yolo" export model=m.pt format=openvino,onnx,torchscript verbose=False; }
export_all >/dev/null
hashes() { sha256sum m_openvino_model/m.bin m_openvino_model/m.xml; }
before=$(hashes)
bytes=$(stat -c %s m.onnx m.torchscript m_openvino_model/m.bin)

# Killed after more and more time, at least once in the middle of writing.
for delay in 0.02 0.04 0.06 0.08 0.1 0.13 0.16 0.2 0.25; do
  export_all >/dev/null 2>&1 &
  process=$!
  sleep "$delay"
  kill -9 "$process" 2>/dev/null || true
  wait "$process" 2>/dev/null || true
  test "$(stat -c %s m.onnx m.torchscript m_openvino_model/m.bin)" = "$bytes"
  test "$(hashes | cut -c1-64 | head -1)" = "$(echo "$before" | cut -c1-64 | head -1)"
  "$yolo" info model=m.onnx >/dev/null
  "$yolo" info model=m_openvino_model >/dev/null
done
export_all >/dev/null
if find . -name '*.tmp*' | grep .; then echo "leftovers of killed exports"; exit 1; fi

# No room: one line, the old result intact, nothing left behind.
for format in openvino onnx torchscript; do
  status=0
  (ulimit -f 20; "$yolo" export model=m.pt format=$format verbose=False) >out.txt 2>err.txt || status=$?
  test "$status" -eq 1 || { cat err.txt; echo "$format: status $status"; exit 1; }
  test "$(grep -c 'ERROR' err.txt)" -eq 1
  if grep '\.tmp' err.txt; then echo "$format: the message names a temporary file"; exit 1; fi
  if ! grep -q 'm[._]'$format err.txt || ! grep -q room err.txt; then cat err.txt; echo "$format: no name, no hint"; exit 1; fi
  test "$(stat -c %s m.onnx m.torchscript m_openvino_model/m.bin)" = "$bytes"
  if find . -name '*.tmp*' | grep .; then echo "$format leaves files when the disk is full"; exit 1; fi
done
predict() {
  "$yolo" predict model=m.pt source="$(dirname "$sample")/shapes-val/images/val/0004.jpg" save=False save_txt=True \
    cache_dir=None project="$folder" name=p exist_ok=True "$@" >out.txt 2>err.txt
}
predict conf=0.5
labels=$(sha256sum p/labels/*)
status=0
(ulimit -f 1; predict conf=0.0001 verbose=False) || status=$?
test "$status" -eq 1 || { cat err.txt; echo "labels: status $status"; exit 1; }
if test "$(grep -c ERROR err.txt)" -ne 1 || ! grep -q 'labels/0004.txt.*room' err.txt; then cat err.txt; exit 1; fi
test "$(sha256sum p/labels/*)" = "$labels"
if find . -name '*.tmp*' | grep .; then echo "a part of a label file is left"; exit 1; fi
if "$yolo" info model=m.pt >/dev/full 2>err.txt; then echo "a full standard output went unnoticed"; exit 1; fi
grep -q ERROR err.txt

# Several at once: all succeed or say why, and the result is whole.
for _ in 1 2 3 4; do export_all >/dev/null 2>>race.txt & done
wait
test "$(stat -c %s m.onnx m.torchscript m_openvino_model/m.bin)" = "$bytes"
"$yolo" info model=m_openvino_model >/dev/null
if find . -name '*.tmp*' | grep .; then echo "leftovers of exports that ran at once"; exit 1; fi
