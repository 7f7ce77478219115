#!/usr/bin/env bash
# Measures yolo serve against yolo predict on the same photos and cores: the rate with 4 clients as a share of
# performance=throughput, what the server adds to the latency of one client, answers and refusals at five times the
# capacity, and health checks while slow clients hold connections. Ratios within one run.
# usage: bench/serve.sh YOLO MODEL PHOTOS [SECONDS [RUNS]]
# PHOTOS is a folder of at least 100 .jpg; wrk is needed, slowhttptest for the slow clients.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,7p' "$0" | cut -c3-; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
yolo=$(realpath "$1")
model=$(realpath "$2")
export PHOTOS
PHOTOS=$(realpath "$3")
seconds=${4:-15}
runs=${5:-3}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/few" "$work/many"
for photo in "$PHOTOS"/*.jpg; do
    ln -s "$photo" "$work/few/"
    for copy in 1 2 3; do ln -s "$photo" "$work/many/$copy-${photo##*/}"; done
done
extra=$((2 * $(find "$work/few" -type l | wc -l)))
common=(model="$model" cache_dir="$work/cache" runtime=openvino device=cpu)
cd "$work"

start() { # OPTIONS…
    "$yolo" serve "${common[@]}" port=0 drain=0 "$@" >out 2>err &
    server=$!
    for ((i = 0; i < 600; ++i)); do grep -q Listening out && break; sleep 0.1; done
    url=$(grep -o 'http://[0-9.:]*' out)
}
stop() {
    kill "$server"
    wait "$server" || true
    server=
}
# Fields of the line `result …` of serve.lua, with the CPU seconds of the client.
load() { # CONNECTIONS SECONDS
    /usr/bin/time -o time -f '%U %S' wrk -t1 -c "$1" -d "$2s" --timeout 30s --latency -s "$here/serve.lua" "$url" >wrk.txt
    grep '^result' wrk.txt
}
field() { awk -v name="$1" '/^result/ {for (i = 2; i < NF; i += 2) if ($i == name) print $(i + 1)}'; }
predict_seconds() { # FOLDER
    /usr/bin/time -o time -f %e "$yolo" predict "${common[@]}" source="$1" save=False performance=throughput verbose=False >log 2>&1
    cat time
}
resident_mb() { awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$server/status"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
calc() { awk "BEGIN {printf \"%.3f\", $1}"; }

lscpu | sed -n 's/^Model name: */CPU /p'
predict_seconds few >/dev/null # fills the cache of compiled models
start performance=throughput
load 4 5 >/dev/null
for ((run = 0; run < runs; ++run)); do
    kill -STOP "$server"
    few=$(predict_seconds few)
    many=$(predict_seconds many)
    kill -CONT "$server"
    local_rate=$(calc "$extra / ($many - $few)")
    result=$(load 4 "$seconds")
    rate=$(calc "$(field answered <<<"$result") / $(field seconds <<<"$result")")
    cores=$(nproc)
    read -r user system <./time
    share=$(calc "($user + $system) / ($cores * $(field seconds <<<"$result"))")
    echo "$local_rate" >>local
    echo "$rate" >>served
    calc "$rate / $local_rate" >>ratio && echo >>ratio
    calc "$rate / (1 - $share) / $local_rate" >>ratio_apart && echo >>ratio_apart
done
echo "rate, 4 clients: served $(median <served)/s, predict performance=throughput $(median <local)/s, ratio $(median <ratio), with the client's CPU counted apart $(median <ratio_apart)"
capacity=$(median <served)
stop

start performance=latency
load 1 5 >/dev/null
load 1 "$seconds" >result
echo "one client: p50 $(field p50_ms <result) ms, of which work $(field work_p50_ms <result) ms: overhead $(calc "$(field p50_ms <result) - $(field work_p50_ms <result)") ms"
stop

start performance=throughput queue=16
load 4 5 >/dev/null
before=$(resident_mb)
export DELAY_MS
DELAY_MS=$(awk -v capacity="$capacity" 'BEGIN {print int(200 * 1000 / (5 * capacity))}')
load 200 "$seconds" >result &
loading=$!
sleep 2
for ((i = 0; i < 100; ++i)); do
    curl -s -o /dev/null -w '%{http_code} %{time_total}\n' --data-binary "@$(find -L few -name '*.jpg' | head -n 1)" "$url/predict" || true
done >refusals
wait "$loading"
unset DELAY_MS
echo "5 x capacity: $(calc "$(field answered <result) / $(field seconds <result) / $capacity") of the capacity answered, $(field refused <result) refused, $(field other <result) other, $(field errors <result) errors, refusals in $(awk '$1 == 503 {print $2 * 1000}' refusals | median) ms (longest $(awk '$1 == 503 {print $2 * 1000}' refusals | sort -n | tail -n 1)), memory +$(($(resident_mb) - before)) MB"
stop

command -v slowhttptest >/dev/null || exit 0
ulimit -n "$(ulimit -Hn)"
start performance=latency
slowhttptest -H -c 500 -r 500 -i 1 -l 25 -u "$url/predict" >slow-h.txt 2>&1 &
slowhttptest -B -c 500 -r 500 -i 1 -l 25 -s 100000 -u "$url/predict" >slow-b.txt 2>&1 &
python3 - "$url" <<'P' &
import socket, sys, time
host, port = sys.argv[1].split("//")[1].split(":")
idle = [socket.create_connection((host, int(port))) for _ in range(200)]
time.sleep(25)
P
sleep 2
echo "connections held by slow clients: $(curl -s "$url/metrics" | awk '/^yolovino_connections / {print $2}')"
for ((i = 0; i < 500; ++i)); do curl -s -o /dev/null -w '%{time_total}\n' "$url/v2/health/ready"; done | sort -n >health
echo "health beside 1200 slow clients: p50 $(awk '{v[NR] = $1 * 1000} END {print v[int(NR / 2)]}' health) ms, p99 $(awk '{v[NR] = $1 * 1000} END {print v[int(NR * 0.99)]}' health) ms"
sleep 14
echo "connections after their deadlines: $(curl -s "$url/metrics" | awk '/^yolovino_connections / {print $2}')"
mapfile -t clients < <(jobs -p | grep -v "^$server$")
wait "${clients[@]}" || true
stop
