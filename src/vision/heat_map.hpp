#pragma once

#include <span>

#include "yolovino/image.hpp"

namespace yolovino::vision {

/// The input of a network with a map over it in colours from blue to red, half and half.
/// @param input [3, size.height, size.width] RGB; each channel is stretched to its range
/// @param map [size.height, size.width], 0 to 1
Image heat_map(std::span<const float> input, std::span<const float> map, ImageSize size);

}  // namespace yolovino::vision
