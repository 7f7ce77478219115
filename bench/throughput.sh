#!/usr/bin/env bash
# Throughput of whole commands on a folder of photos and on a video, beside OpenVINO's benchmark_app and Ultralytics.
# Rates are slopes between a small and a large folder, so that the start does not count; all sides run in turn.
#
# The ideal rate is 1 / (1 / T + w / cores): T is benchmark_app's rate with its throughput hint, w the CPU time that
# decoding, letterbox, and post-processing take for a photo (yolovino_bench), spread over all cores.
# usage: bench/throughput.sh YOLO YOLOVINO_BENCH REFERENCE_BIN MODEL_FOLDER PHOTOS [RUNS] [VIDEO [MODEL.pt]]
# MODEL_FOLDER is an OpenVINO folder (FP32 or INT8); PHOTOS a folder of at least 100 photos. With RUST_COMMAND, the path
# of Ultralytics' ultralytics-inference (built with openvino-native; it needs OpenVINO's libraries in LD_LIBRARY_PATH),
# that runs on the photos as well. With MODEL.pt the video is also run with the checkpoint.
set -euo pipefail
[ $# -ge 5 ] || { sed -n '2,11p' "$0" | cut -c3-; exit 2; }
ours=$(realpath "$1")
stages=$(realpath "$2")
theirs=$(realpath "$3")/yolo
benchmark_app=$(realpath "$3")/benchmark_app
model=$(realpath "$4")
photos=$(realpath "$5")
runs=${6:-3}
video=${7:+$(realpath "$7")}
checkpoint=${8:+$(realpath "$8")}
rust=${RUST_COMMAND:+$(realpath "$RUST_COMMAND")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/few" "$work/many" "$work/cache"
for photo in "$photos"/*; do
    ln -s "$photo" "$work/few/"
    for copy in 1 2 3; do ln -s "$photo" "$work/many/$copy-${photo##*/}"; done
done
extra=$((2 * $(find "$work/few" -type l | wc -l)))
xml=$(find "$model" -name '*.xml')
export YOLO_OFFLINE=true
cd "$work"

# Appends wall seconds and peak kilobytes of a command.
measure() { # NAME COMMAND…
    local name=$1
    shift
    /usr/bin/time -o time -f '%e %M' "$@" >log 2>&1 || { cat log >&2; exit 1; }
    cat time >>"$name"
}
median() { sort -n "$1" | awk -v column="${2:-1}" '{v[NR] = $column} END {print v[int((NR + 1) / 2)]}'; }
slope() { paste -d' ' <(tail -n 1 "$1") <(tail -n 1 "$2") | awk -v extra="$extra" '{print extra / ($3 - $1)}'; }
app_rate() { # HINT WHAT
    "$benchmark_app" -m "$xml" -d CPU -hint "$1" -t 8 2>/dev/null | sed -n "s/.*$2: *\([0-9.]*\).*/\1/p"
}
stage_ms() { # NAME
    YOLOVINO_PHOTOS=$photos "$stages" --benchmark_filter="^photo_$1\$" --benchmark_format=csv 2>/dev/null |
        awk -F, '/^"photo/ {print $4 / 1000}'
}

lscpu | sed -n 's/^Model name: */CPU /p'
predict=(predict model="$model" save=False cache_dir="$work/cache")
for ((i = 0; i < runs; ++i)); do
    app_rate throughput Throughput >>rate-app
    app_rate latency Median >>latency-app
    measure few-ours "$ours" "${predict[@]}" source=few
    measure many-ours "$ours" "${predict[@]}" source=many
    slope few-ours many-ours >>rate-ours
    "$ours" "${predict[@]}" source=few performance=latency 2>&1 |
        sed -n 's/^Speed: \([0-9.]*\)ms preprocess, \([0-9.]*\)ms inference, \([0-9.]*\)ms postprocess.*/\1 \2 \3/p' |
        awk '{print $1 + $2 + $3, $1 + $3}' >>latency-ours
    measure few-theirs "$theirs" predict model="$model" save=False source=few device=cpu
    measure many-theirs "$theirs" predict model="$model" save=False source=many device=cpu
    slope few-theirs many-theirs >>rate-theirs
    if [ -n "$rust" ]; then
        measure few-rust "$rust" predict --model "$model" --source few --device intel:cpu --save false
        measure many-rust "$rust" predict --model "$model" --source many --device intel:cpu --save false
        slope few-rust many-rust >>rate-rust
    fi
    for stage in decode letterbox detect decode_opencv letterbox_opencv detect_opencv; do stage_ms "$stage" >>"stage-$stage"; done
    for network in ${video:+"$model"} ${checkpoint:+"$checkpoint"}; do
        name=video-${network##*/}
        measure "$name-ours" "$ours" predict model="$network" source="$video" project=ours cache_dir="$work/cache"
        measure "$name-theirs" "$theirs" predict model="$network" source="$video" project=theirs device=cpu
    done
done
for stage in decode letterbox detect; do
    printf '%-24s %6.3f ms of CPU per photo   OpenCV %6.3f ms\n' "$stage" "$(median stage-$stage)" "$(median stage-${stage}_opencv)"
done
awk -v t="$(median rate-app)" -v o="$(median rate-ours)" -v u="$(median rate-theirs)" -v cores="$(nproc)" -v kb="$(median many-ours 2)" \
    -v w="$(awk -v a="$(median stage-decode)" -v b="$(median stage-letterbox)" -v c="$(median stage-detect)" 'BEGIN {print a + b + c}')" 'BEGIN {
    ideal = 1000 / (1000 / t + w / cores)
    printf "folder of photos         ours %6.1f images/s %d KB   ideal %.1f: %.1f %%   benchmark_app throughput %.1f   Ultralytics %.1f: %.2f times\n",
        o, kb, ideal, 100 * o / ideal, t, u, o / u}'
awk -v total="$(median latency-ours)" -v around="$(median latency-ours 2)" -v app="$(median latency-app)" 'BEGIN {
    printf "latency mode             ours %6.2f ms in all, %.2f ms of it around the network (%.1f %%)   benchmark_app median %.2f: %.3f times\n",
        total, around, 100 * around / total, app, total / app}'
[ -z "$rust" ] || awk -v o="$(median rate-ours)" -v r="$(median rate-rust)" -v kb="$(median many-rust 2)" \
    'BEGIN {printf "folder of photos         Rust command %.1f images/s %d KB: %.2f times\n", r, kb, o / r}'
for network in ${video:+"$model"} ${checkpoint:+"$checkpoint"}; do
    name=video-${network##*/}
    awk -v what="${network##*/}" -v o="$(median "$name-ours")" -v u="$(median "$name-theirs")" \
        'BEGIN {printf "video, saved, %s   ours %6.1f s   Ultralytics %.1f s: %.2f times faster\n", what, o, u, u / o}'
done
