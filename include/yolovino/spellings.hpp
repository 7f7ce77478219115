#pragma once

#include <string_view>

#include "yolovino/runtime_options.hpp"

namespace yolovino {

/// As the option writes it: `auto`, `openvino`, `onnxruntime`, `libtorch`, `remote`. Does not throw.
constexpr std::string_view name_of(Runtime runtime) noexcept {
    switch (runtime) {
        case Runtime::Auto:
            return "auto";
        case Runtime::OpenVino:
            return "openvino";
        case Runtime::OnnxRuntime:
            return "onnxruntime";
        case Runtime::LibTorch:
            return "libtorch";
        case Runtime::Remote:
            return "remote";
    }
    return "auto";
}

/// As the option writes it: `auto`, `f32`, `bf16`, `f16`. Does not throw.
constexpr std::string_view name_of(Precision precision) noexcept {
    switch (precision) {
        case Precision::Auto:
            return "auto";
        case Precision::F32:
            return "f32";
        case Precision::Bf16:
            return "bf16";
        case Precision::F16:
            return "f16";
    }
    return "auto";
}

/// As the option writes it: `auto`, `latency`, `throughput`. Does not throw.
constexpr std::string_view name_of(Performance performance) noexcept {
    switch (performance) {
        case Performance::Auto:
            return "auto";
        case Performance::Latency:
            return "latency";
        case Performance::Throughput:
            return "throughput";
    }
    return "auto";
}

}  // namespace yolovino
