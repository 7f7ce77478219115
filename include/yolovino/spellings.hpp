#pragma once

#include <string_view>

#include "yolovino/args.hpp"

namespace yolovino {

/// As the option writes it: `auto`, `openvino`, `onnxruntime`, `libtorch`. Does not throw.
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
    }
    return "auto";
}

}  // namespace yolovino
