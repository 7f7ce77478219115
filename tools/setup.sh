#!/usr/bin/env bash
# Installs what the build needs and is not there: Debian packages, and the pinned OpenVINO wheel into .deps/.
# Says what it does; does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(cmake ninja-build pkg-config python3-pip
    libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-videoio-dev libopencv-highgui-dev
    libjpeg62-turbo-dev libpng-dev libyaml-cpp-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libssl-dev
    libcurl4-openssl-dev libgtest-dev libgmock-dev libbenchmark-dev
    gnuplot-nox fonts-dejavu-core)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# A tool that was installed in another way needs no package.
needed=()
for package in ${missing[@]+"${missing[@]}"}; do
    case $package in
        cmake | ninja-build | pkg-config) command -v "${package%-build}" >/dev/null && continue ;;
        python3-pip) python3 -m pip --version >/dev/null 2>&1 && continue ;;
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

wheel_version=2026.4.1
wheel_sha256=2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf
stamp=.deps/openvino-$wheel_version.$wheel_sha256
if [ -z "${OpenVINO_DIR:-}" ] && [ ! -e "$stamp" ]; then
    echo "setup: installing OpenVINO $wheel_version into .deps (180 MB)"
    rm -rf .deps
    mkdir -p build
    # The wheel carries the C++ headers, libraries, and CMake package. pip refuses it if the hash differs.
    echo "openvino==$wheel_version --hash=sha256:$wheel_sha256" >build/openvino-requirement.txt
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
        --only-binary=:all: --platform manylinux_2_28_x86_64 --python-version 3.11 --implementation cp --abi cp311 \
        --target .deps -r build/openvino-requirement.txt
    touch "$stamp"
fi
