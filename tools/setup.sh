#!/usr/bin/env bash
# Installs what the build needs and is not there: Debian packages, and the pinned wheels of OpenVINO into .deps/ and of
# ONNX Runtime (optional) into .deps-ort/. YOLOVINO_LIBTORCH=0 leaves LibTorch out (50 MB).
# Tools of single targets come with an argument: `test` installs what the tests need besides, `fuzz` clang with
# libFuzzer, `lint` clang-format, clang-tidy, and shellcheck, `docs` Doxygen, `package` what makes a .deb, `python` what
# makes and tests the wheel, into .venv-python, `scale` Ray, Spark, and Java, into .venv-scale, `serve` clients of
# servers, into .venv-serve and .venv-kserve, `page` Chromium and what drives it, into tests/page/node_modules.
# Says what it does; does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(cmake ninja-build pkg-config python3-pip
    libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-videoio-dev libopencv-highgui-dev
    libopencv-video-dev libopencv-calib3d-dev libeigen3-dev libavformat-dev
    libavcodec-dev libswscale-dev
    libjpeg62-turbo-dev libpng-dev libwebp-dev libtiff-dev libgif-dev libavif-dev libheif-dev libyaml-cpp-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libssl-dev
    libcurl4-openssl-dev libonnx-dev libprotobuf-dev protobuf-compiler libhdf5-dev libfreetype-dev libfontconfig-dev fonts-dejavu-core gnuplot-nox
    libboost1.81-dev prometheus-cpp-dev)
case ${YOLOVINO_LIBTORCH:-1} in 0 | OFF | False) ;; *) packages+=(libtorch-dev) ;; esac
case ${1:-} in
    "") ;;
    test) packages+=(libgtest-dev libgmock-dev libbenchmark-dev ffmpeg abigail-tools clang-14 curl openssl) ;;
    fuzz) packages+=(clang-14 libclang-rt-14-dev) ;;
    lint) packages+=(clang-format-14 clang-tidy-14 shellcheck) ;;
    docs) packages+=(doxygen) ;;
    package) packages+=(dpkg-dev file) ;;
    python) packages+=(python3-venv libopencv-features2d-dev libopencv-flann-dev) ;;
    serve) packages+=(python3-venv unzip) ;;
    scale) packages+=(python3-venv openjdk-17-jre-headless procps) ;;
    page) packages+=(chromium curl) ;;
    *)
        echo "setup: unknown argument '$1'; known: test, fuzz, lint, docs, package, python, scale, serve, page" >&2
        exit 2
        ;;
esac
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# A tool that was installed in another way needs no package.
needed=()
for package in ${missing[@]+"${missing[@]}"}; do
    case $package in
        clang-14 | clang-format-14 | clang-tidy-14 | shellcheck | doxygen | chromium | curl | cmake | ninja-build | pkg-config) command -v "${package%-build}" >/dev/null && continue ;;
        python3-pip) python3 -m pip --version >/dev/null 2>&1 && continue ;;
        openjdk-17-jre-headless) command -v java >/dev/null && continue ;;
        python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null && continue ;;
    esac
    needed+=("$package")
done
if [ "${#needed[@]}" -gt 0 ]; then
    install=(apt-get install -y --no-install-recommends "${needed[@]}")
    if [ "$(id -u)" -eq 0 ]; then
        as_root=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo)
    else
        echo "setup: these packages are missing and you are not root; run:" >&2
        echo "  sudo ${install[*]}" >&2
        exit 1
    fi
    echo "setup: installing ${needed[*]}"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p build
    log=build/setup.log
    if ! { ${as_root[@]+"${as_root[@]}"} apt-get update && ${as_root[@]+"${as_root[@]}"} "${install[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        exit 1
    fi
fi

# CMake looks for LibTorch and GoogleTest when it configures.
if [[ " ${needed[*]-} " =~ " libtorch-dev " || " ${needed[*]-} " =~ " libgtest-dev " ]]; then rm -f build/*/libtorch-*; fi

# The wheels carry C++ libraries; of OpenVINO also headers and the CMake package. pip refuses them if a hash differs.
# install_wheel PROJECT VERSION SHA256 FOLDER PLATFORM
install_wheel() {
    rm -rf "$4"
    mkdir -p build
    echo "$1==$2 --hash=sha256:$3" >"build/$1-requirement.txt"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
        --only-binary=:all: --platform "$5" --python-version 3.11 --implementation cp --abi cp311 \
        --target "$4" -r "build/$1-requirement.txt" && touch "$4/$1-$2.$3"
}

case $(uname -m) in
    x86_64)
        openvino_wheel=(2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf manylinux_2_28_x86_64)
        onnxruntime_wheel=(5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d manylinux_2_28_x86_64)
        ;;
    aarch64)
        openvino_wheel=(bea1eb3733c34ef331adc945da0ccda5937865031139073663be84c517ffda22 manylinux_2_35_aarch64)
        onnxruntime_wheel=(2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c manylinux_2_28_aarch64)
        ;;
    *)
        echo "setup: no wheels are known for $(uname -m); install OpenVINO and set OpenVINO_DIR" >&2
        [ -n "${OpenVINO_DIR:-}" ] || exit 1
        openvino_wheel=(none none)
        onnxruntime_wheel=(none none)
        ;;
esac

openvino=(openvino 2026.4.1 "${openvino_wheel[0]}")
if [ -z "${OpenVINO_DIR:-}" ] && [ ! -e ".deps/openvino-${openvino[1]}.${openvino[2]}" ]; then
    echo "setup: installing OpenVINO ${openvino[1]} into .deps (180 MB)"
    install_wheel "${openvino[@]}" .deps "${openvino_wheel[1]}"
fi

onnxruntime=(onnxruntime 1.32.0 "${onnxruntime_wheel[0]}")
if [ -z "${YOLOVINO_ONNXRUNTIME:-}" ] && [ ! -e ".deps-ort/onnxruntime-${onnxruntime[1]}.${onnxruntime[2]}" ]; then
    echo "setup: installing ONNX Runtime ${onnxruntime[1]} into .deps-ort (75 MB)"
    install_wheel "${onnxruntime[@]}" .deps-ort "${onnxruntime_wheel[1]}" ||
        echo "setup: ONNX Runtime could not be fetched; OpenVINO will run .onnx files" >&2
fi

# Pinned in python/requirements.txt, with all that they need.
if [ "${1:-}" = python ]; then
    pins=$(sha256sum python/requirements.txt | cut -c 1-16)
    if [ ! -e ".venv-python/pins-$pins" ]; then
        echo "setup: installing the Python packages of python/requirements.txt into .venv-python (700 MB)"
        rm -rf .venv-python
        python3 -m venv .venv-python
        .venv-python/bin/pip install --quiet --disable-pip-version-check -r python/requirements.txt
        touch ".venv-python/pins-$pins"
    fi
fi

# Engines of clusters and what their tests need, in an environment of their own.
scale=('ray[data]==2.60.0' 'pyspark==4.3.0' 'pandas==3.1.1' 'pyarrow==26.0.1' 'numpy==2.4.6' 'pytest==9.2.0')
if [ "${1:-}" = scale ] && [ "$(cat .venv-scale/installed 2>/dev/null)" != "${scale[*]}" ]; then
    echo "setup: installing Ray and Spark into .venv-scale"
    python3 -m venv --clear .venv-scale
    .venv-scale/bin/python -m pip install --quiet --disable-pip-version-check "${scale[@]}"
    echo "${scale[*]}" >.venv-scale/installed
fi

# Pinned with their hashes in tests/page/package-lock.json. Debian 12 has Node.js 18, which is too old for them.
if [ "${1:-}" = page ]; then
    pins=$(sha256sum tests/page/package-lock.json | cut -c 1-16)
    if [ ! -e "tests/page/node_modules/pins-$pins" ]; then
        version=$(node --version 2>/dev/null | tr -d v || true)
        if [ "${version%%.*}" -lt 20 ] 2>/dev/null || [ -z "$version" ] || ! command -v npm >/dev/null; then
            echo "setup: the tests of the page need Node.js 20 or later with npm, found ${version:-none}: https://nodejs.org" >&2
            exit 1
        fi
        echo "setup: installing playwright-core and axe-core into tests/page/node_modules"
        npm ci --prefix tests/page --ignore-scripts --no-audit --no-fund --silent
        touch "tests/page/node_modules/pins-$pins"
    fi
fi

# Clients that speak to `yolo serve`, pinned in tests/serve_clients/requirements.txt. Of Ultralytics one file suffices,
# which needs neither PyTorch nor the rest of the package. KServe's client needs other versions, so it has a place of
# its own.
if [ "${1:-}" = serve ]; then
    pins=$(sha256sum tests/serve_clients/requirements.txt | cut -c 1-16)
    if [ ! -e ".venv-serve/pins-$pins" ]; then
        echo "setup: installing clients of servers into .venv-serve (150 MB)"
        python3 -m venv --clear .venv-serve
        .venv-serve/bin/python -m pip install --quiet --disable-pip-version-check -r tests/serve_clients/requirements.txt
        mkdir -p build
        echo "ultralytics==8.4.190 --hash=sha256:bd309728efa168af64d39040136828edd2dbcb4aeceb4510bdff4f3ca0ea01b8" >build/ultralytics-requirement.txt
        .venv-serve/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
            --dest build/ultralytics -r build/ultralytics-requirement.txt
        unzip -q -o build/ultralytics/ultralytics-8.4.190-py3-none-any.whl ultralytics/utils/triton.py -d .venv-serve
        rm -rf build/ultralytics
        touch ".venv-serve/pins-$pins"
    fi
    if [ "$(cat .venv-kserve/installed 2>/dev/null)" != 'kserve==0.21.0' ]; then
        echo "setup: installing KServe's client into .venv-kserve (400 MB)"
        if python3 -m venv --clear .venv-kserve &&
            .venv-kserve/bin/python -m pip install --quiet --disable-pip-version-check 'kserve==0.21.0'; then
            echo 'kserve==0.21.0' >.venv-kserve/installed
        else
            echo "setup: KServe's client could not be installed; its test is skipped" >&2
        fi
    fi
fi
