#!/usr/bin/env bash
# Images through standard input: every framing, bad images, an open pipe, a closed one, and memory.
set -euo pipefail
command=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export LC_ALL=C
images=("$source"/assets/sample/shapes-val/images/val/*.jpg)
[ "${#images[@]}" -ge 8 ] || {
  echo "the test did not look: there are ${#images[@]} images"
  exit 1
}
predict=(predict "model=$source/assets/sample/yolov8-shapes.pt" device=cpu runtime=openvino precision=f32 verbose=False)

fail() {
  echo "$*" >&2
  tail -n 5 ./*.err >&2 || true
  exit 1
}
# The lines without what differs from run to run, and without paths.
boxes() { sed -E 's/,"speed":.*//; s/^\{"path":"[^"]*",//' "$1"; }
paths() { sed -E 's/^\{"path":"([^"]*)".*/\1/' "$1"; }
length() { printf '%08x' "$(stat -c %s "$1")" | sed 's/../\\x&/g'; }
sized() { for each in "$@"; do
  printf %b "$(length "$each")"
  cat "$each"
done; }
netstrings() { for each in "$@"; do
  key=frame-$(basename "$each")
  printf '%d:%s,%d:' "${#key}" "$key" "$(stat -c %s "$each")"
  cat "$each"
  printf ','
done; }

"$command" "${predict[@]}" "source=$(dirname "${images[0]}")" save=False save_json=True >whole.out 2>whole.err
rm -r runs
[ "$(wc -l <whole.out)" -eq "${#images[@]}" ] || fail "predict of the folder gave $(wc -l <whole.out) lines"

printf '%s\n' "${images[@]}" | "$command" "${predict[@]}" source=- >lines.out 2>lines.err || fail "lines: status $?"
cmp <(boxes lines.out) <(boxes whole.out) || fail "lines: other boxes than the folder's"
cmp <(paths lines.out) <(printf '%s\n' "${images[@]}") || fail "lines: other paths, or another order"
[ -z "$(find . -mindepth 1 -type d)" ] || fail "a filter wrote files: $(find . -mindepth 1)"

sized "${images[@]}" | "$command" "${predict[@]}" source=- >length.out 2>length.err || fail "length: status $?"
cmp <(boxes length.out) <(boxes whole.out) || fail "length: other boxes than the folder's"
[ "$(paths length.out | tail -n 1)" = "image$((${#images[@]} - 1)).jpg" ] || fail "length: other names"

netstrings "${images[@]}" | "$command" "${predict[@]}" source=- performance=throughput >keys.out 2>keys.err || fail "netstring: status $?"
cmp <(boxes keys.out) <(boxes whole.out) || fail "netstring: other boxes than the folder's"
cmp <(paths keys.out) <(for each in "${images[@]}"; do echo "frame-$(basename "$each")"; done) || fail "netstring: other keys"

"$command" "${predict[@]}" source=- <"${images[0]}" >one.out 2>one.err || fail "one image: status $?"
cmp <(boxes one.out) <(boxes whole.out | head -n 1) || fail "one image: other boxes"

# Bad images are lines with an error; the others have their boxes, also in batches.
head -c 3000 "${images[1]}" >cut.jpg
printf '%s\n' "${images[0]}" missing.jpg clip.mp4 "$source" "$0" "${images[2]}" >list
for batch in 1 4; do
  "$command" "${predict[@]}" source=- "batch=$batch" rect=False <list >bad.out 2>bad.err || fail "bad images: status $?"
  [ "$(grep -c '^{"path":"[^"]*","error":"' bad.out)" -eq 4 ] || fail "bad images: $(cat bad.out)"
  [ "$(sed -n '1p;6p' bad.out | grep -c '"detections":\[{')" -eq 2 ] || fail "bad images: the good ones have no boxes"
done
: >empty.jpg
sized empty.jpg "${images[0]}" | "$command" "${predict[@]}" source=- >empty.out 2>empty.err || fail "empty record: status $?"
grep -q '^{"path":"image0.jpg","error":".*the record is empty' empty.out || fail "empty record: $(cat empty.out)"
"$command" "${predict[@]}" source=- </dev/null >none.out 2>none.err || fail "no input: status $?"
[ ! -s none.out ] || fail "no input: $(cat none.out)"
"$command" "${predict[@]}" source=- strict=True <list >strict.out 2>strict.err && fail "strict: a missing image did not end the run"

# A pipe that is cut keeps the answers before.
status=0
sized "${images[0]}" "${images[1]}" | head -c -10 | "$command" "${predict[@]}" source=- >cut.out 2>cut.err || status=$?
[ "$status" -eq 1 ] || fail "cut: status $status, $(cat cut.err)"
grep -q 'ends after .* bytes of an image (record 2)' cut.err || fail "cut: $(cat cut.err)"
[ "$(wc -l <cut.out)" -eq 1 ] || fail "cut: $(wc -l <cut.out) lines"

# Each answer comes before the next image.
mkfifo pipe
"$command" "${predict[@]}" source=- <pipe >live.out 2>live.err &
process=$!
exec 3>pipe
for i in 1 2 3; do
  echo "${images[$i]}" >&3
  for _ in $(seq 600); do
    [ "$(wc -l <live.out)" -lt "$i" ] || break
    sleep 0.05
  done
  [ "$(wc -l <live.out)" -eq "$i" ] || fail "live: $(wc -l <live.out) lines after $i images"
done
# A signal ends the wait for more.
kill -TERM "$process"
status=0
wait "$process" || status=$?
exec 3>&-
[ "$status" -eq 143 ] || fail "live: status $status after SIGTERM"

# Whoever reads may have enough.
set +o pipefail
yes "${images[0]}" | {
  status=0
  "$command" "${predict[@]}" source=- 2>broken.err || status=$?
  echo "$status" >broken.status
} | head -n 3 >broken.out
set -o pipefail
[ "$(wc -l <broken.out)" -eq 3 ] || fail "broken pipe: $(wc -l <broken.out) lines"
[ "$(cat broken.status)" -eq 141 ] || fail "broken pipe: status $(cat broken.status)"

# Many images need no more memory than few.
peak_kb() {
  for _ in $(seq "$1"); do printf '%s\n' "${images[@]:0:8}"; done >many
  # shellcheck disable=SC2016
  python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("many"), stdout=open("many.out", "w"), check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$command" "${predict[@]}" source=- performance=throughput
}
few=$(peak_kb 10)
many=$(peak_kb 150)
[ "$(wc -l <many.out)" -eq 1200 ] || fail "memory: $(wc -l <many.out) lines"
[ "$many" -lt $((few + 15000)) ] || fail "memory: $few kB for 80 images, $many kB for 1200"
echo "memory: $few kB for 80 images, $many kB for 1200"
