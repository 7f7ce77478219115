#!/usr/bin/env bash
# Installs the build, builds examples/consumer against it by find_package, and runs it and the installed command.
set -euo pipefail
# No grep -q behind a pipe: it ends before the writer, which then fails.
build=$1
source=$2
prefix=$build/install-test
rm -rf "$prefix" "$build/consumer-test"
cmake --install "$build" --prefix "$prefix" >/dev/null
cmake -S "$source/examples/consumer" -B "$build/consumer-test" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$build/consumer-test" >/dev/null
"$build/consumer-test/consumer" "$source/assets/sample/yolov8-shapes.pt" "$source/assets/sample/shapes-val/images/val/0004.jpg" | grep . >/dev/null
"$prefix/bin/yolo" version
"$prefix/bin/yolo" info model="$source/assets/sample/yolov8-shapes.pt" | grep 'YOLOv8-shapes summary: 129 layers' >/dev/null
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name yolovino.pc)")
test "$(realpath "$(pkg-config --variable=libdir yolovino)")" = "$(dirname "$(find "$prefix" -name 'libyolovino.so')")"
# Programs ask for the library by a name that changes with its interface: each minor version before 1.0.
version=$("$prefix/bin/yolo" version)
case $version in 0.*) interface=${version%.*} ;; *) interface=${version%%.*} ;; esac
readelf -d "$build/consumer-test/consumer" | grep -F "[libyolovino.so.$interface]" >/dev/null
test "$(readlink "$(find "$prefix" -name "libyolovino.so.$interface")")" = "libyolovino.so.$version"
test "$(pkg-config --modversion yolovino)" = "$version"
# The C interface: a C program by pkg-config, which sees no C++ library, and one by find_package.
libdir=$(pkg-config --variable=libdir yolovino_c)
# shellcheck disable=SC2046
cc -std=c11 "$source/examples/c/predict.c" $(pkg-config --cflags --libs yolovino_c) "-Wl,-rpath,$(realpath "$libdir")" \
  -o "$build/consumer-test/c_predict"
"$build/consumer-test/c_predict" "$source/assets/sample/yolov8-shapes.pt" \
  "$source/assets/sample/shapes-val/images/val/0004.jpg" device=cpu | grep '^star 0.9' >/dev/null
"$build/consumer-test/c_consumer" "$source/assets/sample/yolov8-shapes.pt" \
  "$source/assets/sample/shapes-val/images/val/0004.jpg" device=cpu | grep '^star 0.9' >/dev/null
readelf -d "$build/consumer-test/c_predict" | grep -F '[libyolovino_c.so.1]' >/dev/null
if readelf -d "$build/consumer-test/c_predict" | grep 'libyolovino.so'; then exit 1; fi
for file in doc/yolovino/LICENSE doc/yolovino/docs/export.md bash-completion/completions/yolo; do
  test -s "$prefix/share/$file"
done
# The bill of materials names what was linked, with versions.
sbom=$prefix/share/doc/yolovino/yolovino.spdx
grep -q '^SPDXVersion: SPDX-2.3$' "$sbom"
grep -q '^Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-yolovino$' "$sbom"
for package in openvino libopencv-core-dev libssl-dev libcurl4-openssl-dev; do
  grep -A2 "^PackageName: $package\$" "$sbom" | grep '^PackageVersion: [0-9]' >/dev/null
done
if [ -d "$source/.deps/openvino" ]; then
  grep -q '^PackageChecksum: SHA256: [0-9a-f]\{64\}$' "$sbom"
  # The installed command needs nothing of the source tree.
  ldd "$prefix/bin/yolo" | grep libopenvino | grep "$prefix" >/dev/null
  if ldd "$prefix/bin/yolo" | grep '/\.deps/'; then exit 1; fi
  "$prefix/bin/yolo" predict model="$source/assets/sample/yolov8-shapes.pt" save=False \
    source="$source/assets/sample/shapes-val/images/val/0004.jpg" | grep 'image 1/1' >/dev/null
fi
