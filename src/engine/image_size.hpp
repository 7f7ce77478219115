#pragma once

#include <cstdint>
#include <string>

#include "yolovino/model.hpp"

namespace yolovino::engine {

/// Where neither file nor caller tells a size: Ultralytics' default.
inline constexpr ImageSize kUsualSize{640, 640};

/// Both sides rounded up to multiples of the stride, with a warning where that changes them.
/// @throws Error InvalidArgument for sides below 1 or above 16384
ImageSize round_up_to_stride(ImageSize imgsz, int stride);

/// `3157200` → `3,157,200`
std::string with_thousands(std::uint64_t number);

/// `(1, 84, 8400)`, the shape of the network's answer for an input size.
std::string output_text(const ModelInfo& info, ImageSize imgsz, int batch);

}  // namespace yolovino::engine
