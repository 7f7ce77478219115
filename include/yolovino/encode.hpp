#pragma once

#include <cstddef>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// An image as JPEG of quality 95, the bytes that `Results::save` writes to a `.jpg`.
/// @throws Error InvalidArgument without pixels or if JPEG has no such dimensions
YOLOVINO_API std::vector<std::byte> encode_jpeg(const Image& image);

}  // namespace yolovino
