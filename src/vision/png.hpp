#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "yolovino/image.hpp"

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// Applies the EXIF orientation.
Image decode_png(Bytes encoded, std::string_view name);

}  // namespace yolovino::vision::detail

namespace yolovino::vision {

std::vector<std::byte> encode_png(const Image& image);

}  // namespace yolovino::vision
