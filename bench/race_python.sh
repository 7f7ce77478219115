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
import sys
from yolovino import YOLO

model = YOLO("model_openvino_model", performance="throughput", cache_dir=None)
for results in model(sys.argv[1], stream=True, verbose=False):
    results.boxes.xyxy.tolist()
PYTHON
measure() { # NAME COMMAND…
    local name=$1
    shift
    /usr/bin/time -o time -f '%e %M %U %S' "$@" >log 2>&1 || { cat log >&2; exit 1; }
    cat time >>"$name"
}
median() { sort -n "$1" | awk -v column="$2" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }

export YOLO_OFFLINE=true
for ((i = 0; i < runs; ++i)); do
    measure first-ours "$ours" first.py yolovino "$image"
    measure first-theirs "$theirs" first.py ultralytics "$image"
    measure python-one "$ours" folder.py "$image"
    measure python-all "$ours" folder.py many
    # Rates are the slope between one photo and all of them, so that the start does not count.
    words=(predict model=model_openvino_model performance=throughput cache_dir=none save=False verbose=False)
    measure one "$command" "${words[@]}" source="$image"
    measure all "$command" "${words[@]}" source=many
    for side in "python-one python-all python" "one all command"; do
        read -r small large name <<<"$side"
        paste -d' ' <(tail -n 1 "$small") <(tail -n 1 "$large") |
            awk -v n="$(($(find many -type l | wc -l) - 1))" '{print n / ($5 - $1), ($7 + $8 - $3 - $4) / n * 1000}' >>"rate-$name"
    done
done
lscpu | sed -n 's/^Model name: */CPU /p'
printf 'first result: yolovino %.2f s %d KB, ultralytics %.2f s %d KB: %.1f times as fast\n' "$(median first-ours 1)" \
    "$(median first-ours 2)" "$(median first-theirs 1)" "$(median first-theirs 2)" \
    "$(awk -v a="$(median first-theirs 1)" -v b="$(median first-ours 1)" 'BEGIN {print a / b}')"
printf 'CPU seconds of that: yolovino %.2f, ultralytics %.2f\n' "$(awk '{print $3 + $4}' first-ours | sort -n | head -1)" \
    "$(awk '{print $3 + $4}' first-theirs | sort -n | head -1)"
printf 'folder, throughput: Python %.1f images/s, command %.1f: %.1f %%\n' "$(median rate-python 1)" "$(median rate-command 1)" \
    "$(awk -v a="$(median rate-python 1)" -v b="$(median rate-command 1)" 'BEGIN {print 100 * a / b}')"
printf 'CPU time of an image: Python %.2f ms, command %.2f ms\n' "$(median rate-python 2)" "$(median rate-command 2)"
