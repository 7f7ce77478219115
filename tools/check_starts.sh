#!/usr/bin/env bash
# Starts predictions of short videos and odd images over and over, twice as many at once as there are cores, and counts
# those that crash, end with another status, or give another number of results. `check_starts.sh BUILD [STARTS]`.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
starts=${2:-2000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/failures" "$work/done"
cp assets/sample/yolov8-shapes.pt "$work/m.pt"
cp tests/data/videos/rotate90.mkv tests/data/videos/rotate270.webm "$work"
image=assets/sample/shapes-val/images/val/0004.jpg
sources=("rotate90.mkv 10" "rotate270.webm 10")
if command -v ffmpeg >/dev/null; then
    make() { ffmpeg -nostdin -y -loglevel error "$@"; }
    make -i "$work/rotate90.mkv" -c copy "$work/film.mp4" && sources+=("film.mp4 10")
    make -i "$work/rotate90.mkv" "$work/film.gif" && sources+=("film.gif 10")
    make -i "$work/rotate90.mkv" -c:v mpeg4 "$work/film.avi" && sources+=("film.avi 10")
    make -i "$image" "$work/odd.bmp" && sources+=("odd.bmp 1")
    make -i "$image" "$work/odd.tif" && sources+=("odd.tif 1")
    make -i "$image" "$work/odd.webp" && sources+=("odd.webp 1")
    make -i "$image" -f gif "$work/odd_gif.png" && sources+=("odd_gif.png 1")
    make -i "$image" -f image2 -c:v ppm "$work/odd_ppm.jpg" && sources+=("odd_ppm.jpg 1")
fi
export command="$build/yolo" work XDG_CACHE_HOME="$work/cache"

start() {
    local out="$work/$1.txt" status=0 results
    "$command" predict model="$work/m.pt" source="$work/$2" imgsz=64 save=False save_json=True device=cpu precision=f32 \
        runtime=openvino project="$work/runs" >"$out" 2>"$out.err" || status=$?
    results=$(wc -l <"$out")
    if [ "$status" -ne 0 ] || [ "$results" -ne "$3" ]; then
        echo "start $1 of $2: status $status, $results results of $3: $(tail -n 1 "$out.err")" | tee -a "$work/failures"
    fi
    rm -rf "$out" "$out.err"
    echo >>"$work/done"
}
export -f start

for ((i = 0; i < starts; ++i)); do echo "$i ${sources[i % ${#sources[@]}]}"; done |
    xargs -P $((2 * $(nproc))) -L 1 bash -c 'start "$@"' start
failed=$(wc -l <"$work/failures")
done_count=$(wc -l <"$work/done")
echo "$((done_count - failed)) of $starts starts passed, $failed failed, from ${#sources[@]} sources"
[ "$failed" -eq 0 ] && [ "$done_count" -eq "$starts" ]
