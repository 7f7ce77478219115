#!/usr/bin/env bash
# Races the Python package against Ultralytics on whole processes, from the start of Python to the boxes of one photo, and
# against the command on a folder of photos in throughput mode. Prints medians, taken in turn in one run.
# usage: bench/race_python.sh PYTHON YOLO REFERENCE_PYTHON MODEL.pt IMAGE PHOTOS [RUNS]
# PYTHON has the wheel of yolovino, REFERENCE_PYTHON ultralytics; YOLO is the command of the same build as the wheel.
set -euo pipefail
[ $# -ge 6 ] || { sed -n '2,5p' "$0" | cut -c3-; exit 2; }
ours=$1 command=$(realpath "$2") theirs=$3 image=$(realpath "$5") photos=$(realpath "$6") runs=${7:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$4" "$work/model.pt"
cd "$work"
"$command" export model=model.pt format=openvino >/dev/null
mkdir many
for photo in "$photos"/*; do
    for copy in 1 2 3; do ln -s "$photo" "many/$copy-${photo##*/}"; done
done

cat >first.py <<'PYTHON'
import sys
from importlib import import_module

results = import_module(sys.argv[1]).YOLO("model_openvino_model", task="detect")(sys.argv[2], verbose=False)
assert len(results[0].boxes.xyxy.tolist()) > 0
PYTHON
cat >folder.py <<'PYTHON'
import sys, time
from yolovino import YOLO

model = YOLO("model_openvino_model", performance="throughput", cache_dir=None)
model(sys.argv[2], verbose=False)
begin = time.perf_counter()
count = sum(1 for results in model(sys.argv[1], stream=True, verbose=False) if results.boxes.xyxy is not None)
print(count / (time.perf_counter() - begin))
PYTHON
measure() { # NAME COMMAND…
    local name=$1
    shift
    /usr/bin/time -o time -f '%e %M' "$@" >log 2>&1 || { cat log >&2; exit 1; }
    cat time >>"$name"
}
median() { sort -n "$1" | awk -v column="$2" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }

export YOLO_OFFLINE=true
for ((i = 0; i < runs; ++i)); do
    measure first-ours "$ours" first.py yolovino "$image"
    measure first-theirs "$theirs" first.py ultralytics "$image"
    "$ours" folder.py many "$image" >>rate-python
    # The rate of the command: the slope between one photo and all of them, so that the start does not count.
    words=(predict model=model_openvino_model performance=throughput cache_dir=none save=False verbose=False)
    measure one "$command" "${words[@]}" source="$image"
    measure all "$command" "${words[@]}" source=many
    paste -d' ' <(tail -n 1 one) <(tail -n 1 all) | awk -v n="$(find many -type l | wc -l)" '{print n / ($3 - $1)}' >>rate-command
done
lscpu | sed -n 's/^Model name: */CPU /p'
printf 'first result: yolovino %.2f s %d KB, ultralytics %.2f s %d KB: %.1f times as fast\n' "$(median first-ours 1)" \
    "$(median first-ours 2)" "$(median first-theirs 1)" "$(median first-theirs 2)" \
    "$(awk -v a="$(median first-theirs 1)" -v b="$(median first-ours 1)" 'BEGIN {print a / b}')"
printf 'folder, throughput: Python %.1f images/s, command %.1f: %.1f %%\n' "$(median rate-python 1)" "$(median rate-command 1)" \
    "$(awk -v a="$(median rate-python 1)" -v b="$(median rate-command 1)" 'BEGIN {print 100 * a / b}')"
