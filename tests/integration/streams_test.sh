#!/usr/bin/env bash
# Live streams of `yolo serve`: the lines of `yolo predict`, one run for all watchers, an end with the last of them, and
# no source but those that the server was started with. OpenVINO, f32, CPU.
set -euo pipefail
command=$1
source=$2
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
sample=$source/assets/sample
run=(device=cpu runtime=openvino precision=f32)
fail() {
  echo "$*" >&2
  cat server.txt >&2
  exit 1
}
# As many images as a slow machine needs not to reach the end of them.
mkdir long
i=0
for round in $(seq 150); do
  for image in "$sample"/shapes-val/images/val/*.jpg; do
    ln -s "$image" "long/$((i += 1))-$round.jpg"
  done
done
"$command" predict "model=$sample/yolov8-shapes.pt" "source=$sample/shapes-val/images/val" "${run[@]}" save=False save_json=True \
  "project=$folder" name=wanted >predict.txt 2>&1 || fail "$(cat predict.txt)"
"$command" serve "model=$sample/yolov8-shapes.pt" port=0 drain=0 "${run[@]}" \
  "live=short=$sample/shapes-val/images/val,long=$folder/long,none=$folder/missing.mp4" >server.txt 2>&1 &
server=$!
for _ in $(seq 600); do
  grep -q '^Listening at ' server.txt && break
  kill -0 "$server" 2>/dev/null || fail "the server does not start"
  sleep 0.1
done
address=$(sed -n 's|^Listening at \(http://[^ ]*\).*|\1|p' server.txt)

cat >watch.py <<'EOF2'
import json, sys, time, urllib.error, urllib.request

address, wanted = sys.argv[1:]

def get(path, method="GET"):
    return urllib.request.urlopen(urllib.request.Request(address + path, method=method), timeout=60)

def status(path, method="GET"):
    try:
        return get(path, method).status
    except urllib.error.HTTPError as error:
        assert "error" in json.load(error)
        return error.code

def events(stream):
    event = {}
    for line in stream:
        line = line.decode().rstrip("\n")
        if not line and event:
            yield event
            event = {}
        elif line and not line.startswith(":"):
            key, value = line.split(": ", 1)
            event[key] = value

def watchers(name):
    return next(each["watchers"] for each in json.load(get("/streams")) if each["name"] == name)

def wait_for(condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end: time.sleep(0.05)
    assert condition()

assert sorted(each["name"] for each in json.load(get("/streams"))) == ["long", "none", "short"]
for path in ("/streams/other/events", "/streams/../events", "/streams/long", "/streams/long/events/x", "/streams//etc/passwd/events",
             "/streams/http:%2f%2flocalhost%2f/events"):
    assert status(path) in (400, 404), (path, status(path))
assert status("/streams/long/events?source=/etc/passwd") == 200, "what a request adds is not looked at"
assert status("/streams/long/events", "POST") == 405

def strip(line):
    value = json.loads(line)
    value.pop("speed")
    value["path"] = value["path"].split("/")[-1]
    return value

lines = {strip(line)["path"]: strip(line) for line in open(wanted)}
seen, numbers, ends = 0, [], []
with get("/streams/short/events") as stream:
    assert stream.headers["content-type"] == "text/event-stream", stream.headers
    for event in events(stream):
        if event.get("event") == "end":
            ends.append(event["data"])
            continue
        line = strip(event["data"])
        assert line == lines[line["path"]], line
        assert "/" not in json.loads(event["data"])["path"], "clients learn of the server's folders"
        numbers.append(int(event["id"]))
assert ends == ["{}"] and numbers and numbers == sorted(set(numbers)) and numbers[-1] == len(lines), (ends, numbers)

with get("/streams/none/events") as stream:
    ends = list(events(stream))
assert len(ends) == 1 and "the source failed" in json.loads(ends[0]["data"])["error"], ends
assert "missing" not in ends[0]["data"], "clients learn of the server's files"

with get("/streams/long.mjpg") as images, get("/streams/long/events") as stream, get("/streams/long/events") as slow:
    assert images.headers["cross-origin-resource-policy"] == "same-origin"
    assert images.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    for _ in range(3):
        assert images.readline() == b"--frame\r\n"
        assert images.readline() == b"Content-Type: image/jpeg\r\n"
        size = int(images.readline().split(b":")[1])
        assert images.readline() == b"\r\n"
        jpeg = images.read(size)
        assert jpeg[:2] == b"\xff\xd8" and jpeg[-2:] == b"\xff\xd9" and images.readline() == b"\r\n"
    wait_for(lambda: watchers("long") == 3)
    first = int(next(events(stream))["id"])
    assert first >= 1
wait_for(lambda: watchers("long") == 0)
with get("/streams/long/events") as stream:
    assert int(next(events(stream))["id"]) < 60, "the run did not begin anew"
wait_for(lambda: watchers("long") == 0)
print("looked")
EOF2
python3 watch.py "$address" wanted/predictions.jsonl >watch.txt 2>&1 || fail "$(cat watch.txt)"
grep -q looked watch.txt || fail "the test did not look"
grep -q 'stream none: .*missing.mp4' server.txt || fail "the server does not say why a source failed"

curl -sN "$address/streams/long.mjpg" >mjpg.bin &
watcher=$!
for _ in $(seq 200); do
  [ -s mjpg.bin ] && break
  sleep 0.1
done
kill -TERM "$server"
status=0
timeout 30 tail --pid="$server" -f /dev/null || fail "the server waits for who watches"
wait "$server" || status=$?
[ "$status" -eq 143 ] || fail "the server ended with $status"
server=
wait "$watcher" || true

"$command" serve "model=$sample/yolov8-shapes.pt" port=0 live=/dev/video0 "${run[@]}" >server.txt 2>&1 && fail "a stream without a name is taken"
grep -q "live: '/dev/video0' has no name" server.txt || fail "the reason is missing"
