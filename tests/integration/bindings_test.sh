#!/usr/bin/env bash
# Builds an example in another language over the C interface and runs it: bindings_test.sh rust|go BUILD SOURCE
set -euo pipefail
language=$1
build=$(realpath "$2")
source=$(realpath "$3")
# Where rustup and Go install themselves; HOME may be another folder than the user's.
user_home=$(getent passwd "$(id -u)" | cut -d: -f6)
PATH=$PATH:${HOME:-}/.cargo/bin:$user_home/.cargo/bin:/usr/local/go/bin
work=$build/tests/bindings/$language
mkdir -p "$work"

skip() {
  echo "skipped: $1 is missing; install it to build examples/$language"
  exit 77
}
# Neither fetches anything: the examples have no dependencies.
case $language in
  rust)
    command -v cargo >/dev/null || skip cargo
    # A cargo of rustup looks for its toolchain in the home folder, which may be another one here.
    toolchains=$(dirname "$(command -v cargo)")/../../.rustup
    [ ! -d "$toolchains" ] || export RUSTUP_HOME=${RUSTUP_HOME:-$toolchains} CARGO_HOME=${CARGO_HOME:-$work/cargo}
    YOLOVINO_LIB_DIR=$build RUSTFLAGS="-D warnings" cargo build --quiet --offline --locked \
      --manifest-path "$source/examples/rust/Cargo.toml" --target-dir "$work"
    program=$work/debug/predict
    ;;
  go)
    command -v go >/dev/null || skip go
    program=$work/predict
    export GOPROXY=off GOTOOLCHAIN=local GOCACHE=$work/cache CGO_ENABLED=1
    export CGO_CFLAGS="-I$source/include -Wall -Werror"
    export CGO_LDFLAGS="-L$build -Wl,-rpath,$build -Wl,-rpath-link,$build"
    (cd "$source/examples/go" && go vet . && go build -buildvcs=false -o "$program" .)
    ;;
esac
model=$source/assets/sample/yolov8-shapes.pt
image=$source/assets/sample/shapes-val/images/val/0004.jpg
"$program" "$model" "$image" device=cpu precision=f32 runtime=openvino conf=0.5 >"$work/out"
[ "$(grep -c ' at ' "$work/out")" = 8 ] || { cat "$work/out" >&2; exit 1; }
grep '^star 0.95 at 90,62 to 148,117$' "$work/out" >/dev/null
grep '^\[8,\? 8,\? 8,\? 8\] objects' "$work/out" >/dev/null
if "$program" "$model" "$image" cnf=0.5 2>"$work/error"; then exit 1; fi
grep "InvalidArgument.*did you mean 'conf'" "$work/error" >/dev/null
echo "$language finds what C++ finds"
