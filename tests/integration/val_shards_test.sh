#!/usr/bin/env bash
# A validation in 16 parts by xargs -P, some of whose processes are killed and repeated: what merge gives is the whole
# run, bit for bit, and merge refuses what is not one run.
set -euo pipefail
command=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
val=("$command" val "model=$source/assets/sample/yolov8-shapes.pt" "data=$source/assets/sample/shapes-val/shapes.yaml"
  device=cpu runtime=openvino precision=f32 batch=2 workers=1 plots=False verbose=False "project=$folder")

fail() {
  echo "$*" >&2
  exit 1
}
# All numbers but times and places.
numbers() { python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in ("speed", "save_dir"): value.pop(key, None)
print(json.dumps(value, indent=1))' "$1"; }

"${val[@]}" name=whole >whole.log 2>&1 || fail "$(cat whole.log)"

# Every third part is killed at its first attempt; one that is done is done again now and then.
cat >part.sh <<'EOF'
i=$1
shift
for attempt in 1 2 3; do
  "$@" "shard=$i/16" name=parts exist_ok=True save=False >"part-$i-$attempt.log" 2>&1 &
  process=$!
  if [ "$attempt" -eq 1 ] && [ $((i % 3)) -eq 0 ]; then
    sleep "0.$((i * 7 % 50 + 10))"
    kill -9 "$process" 2>/dev/null || true
    wait "$process" || continue
  fi
  wait "$process" && { [ $((i % 5)) -ne 0 ] || [ "$attempt" -gt 1 ] || continue; exit 0; }
done
exit 1
EOF
seq 16 | xargs -P 4 -I{} bash part.sh {} "${val[@]}" || fail "a part failed: $(tail -n 2 part-*.log)"
[ "$(find parts -name '*.tmp' | wc -l)" -le 6 ] || fail "unfinished files: $(ls -A parts)"
[ "$(find parts -name 'shard-*-of-16.val' | wc -l)" -eq 16 ] || fail "parts: $(ls -A parts)"

merge() { "$command" val "$@" plots=False verbose=False "project=$folder"; }
merge "merge=parts/shard-*.val" name=merged >merge.log 2>&1 || fail "$(cat merge.log)"
cmp <(numbers merged/results.json) <(numbers whole/results.json) || fail "the merged numbers are not those of the whole run"
grep -q 'mAP50-95' merged/results.json || fail "the test did not look: results.json has no mAP50-95"

refused() {
  local text=$1
  shift
  merge "$@" name=refused >refused.log 2>&1 && fail "merge took '$*'"
  grep -q "$text" refused.log || fail "merge '$*' said: $(cat refused.log)"
}
mkdir gap other
cp parts/*.val gap
rm gap/shard-7-of-16.val
refused 'shard 7/16 is missing' 'merge=gap/*.val'
cp parts/shard-7-of-16.val gap
cp parts/shard-7-of-16.val gap/again.val
refused 'shard 7 is given twice' 'merge=gap/*.val'
"${val[@]}" shard=7/16 conf=0.01 name=strange save=False >strange.log 2>&1 || fail "$(cat strange.log)"
cp parts/*.val other
cp strange/shard-7-of-16.val other
refused 'conf: ' 'merge=other/*.val'
head -c 100 parts/shard-7-of-16.val >other/shard-7-of-16.val
refused 'shard-7-of-16' 'merge=other/*.val'
