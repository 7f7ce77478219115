#!/usr/bin/env bash
# build.sh SOURCE FOLDER VERSION LIBRARY C_LIBRARY MODULE…: makes FOLDER/dist/yolovino-VERSION-py3-none-manylinux_….whl of
# python/ and the libraries. The target python_wheel of CMake calls it.
set -euo pipefail
source=$1 folder=$2 version=$3 library=$4 c_library=$5
shift 5
tools=$source/.venv-python/bin
[ -x "$tools/auditwheel" ] || { echo "wheel: .venv-python is missing; run tools/setup.sh python" >&2; exit 1; }
export PATH=$tools:$PATH
# The same files give the same wheel: all of it has the time of the last commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct 2>/dev/null || echo 1577836800)}
export SOURCE_DATE_EPOCH

stage=$folder/stage
rm -rf "$stage" "$folder/raw" "$folder/dist"
mkdir -p "$stage"
cp -r "$source/python/yolovino" "$source/python/pyproject.toml" "$source/python/setup.py" "$source/python/README.md" "$source/LICENSE" "$stage/"
find "$stage" -name __pycache__ -prune -exec rm -rf {} +
rm -rf "$stage/yolovino/lib"
mkdir -p "$stage/yolovino/lib/yolovino"
cp -L "$library" "$c_library" "$stage/yolovino/lib/"
cp "$@" "$stage/yolovino/lib/yolovino/"
# The licences of what is linked in or copied along.
mkdir -p "$stage/licenses"
for package in libopencv-core-dev libfmt9 libssl3 libjpeg62-turbo libpng16-16 libyaml-cpp0.7 libonnx1 libprotobuf32 libfreetype6 libfontconfig1 libbrotli1; do
    cp "/usr/share/doc/$package/copyright" "$stage/licenses/$package.txt"
done
# shellcheck disable=SC2016 # the linker expands $ORIGIN
at=('$ORIGIN:$ORIGIN/../../openvino/libs' '$ORIGIN/..:$ORIGIN/../../../openvino/libs')
# Where the package openvino usually lies. The loader finds it elsewhere, too, and loads it first.
for file in "$stage"/yolovino/lib/*.so*; do
    strip --strip-unneeded "$file"
    patchelf --set-rpath "${at[0]}" "$file"
done
for file in "$stage"/yolovino/lib/yolovino/*.so; do
    strip --strip-unneeded "$file"
    patchelf --set-rpath "${at[1]}" "$file"
done
YOLOVINO_VERSION=$version python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --wheel-dir "$folder/raw" "$stage"
auditwheel --verbose repair --only-plat --plat manylinux_2_36_x86_64 --exclude 'libopenvino.so.*' --exclude libtbb.so.12 \
    --wheel-dir "$folder/dist" "$folder/raw"/*.whl >"$folder/auditwheel.log" 2>&1 || { cat "$folder/auditwheel.log" >&2; exit 1; }
ls -l "$folder"/dist/*.whl
