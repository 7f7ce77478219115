#pragma once

#include <cstdint>
#include <string>

#include "yolovino/model.hpp"

namespace yolovino::engine {

/// Where neither file nor caller gives a size: Ultralytics' default.
inline constexpr ImageSize kDefaultImageSize{640, 640};

/// Height and width rounded up to multiples of the stride, with a warning where that changes them.
/// @throws Error InvalidArgument for dimensions below 1 or above 16384
ImageSize round_up_to_stride(ImageSize imgsz, int stride);

/// `3157200` → `3,157,200`
std::string with_thousands(std::uint64_t number);

}  // namespace yolovino::engine
