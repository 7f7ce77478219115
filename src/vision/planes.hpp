#pragma once

#include <cstddef>
#include <cstdint>

namespace yolovino::vision {

/// Spreads one row of BGR pixels over three rows of floats, 0 to 1.
void row_to_planes(const std::uint8_t* row, std::size_t width, float* red, float* green, float* blue);

}  // namespace yolovino::vision
