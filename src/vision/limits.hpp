#pragma once

#include <cstdint>

namespace yolovino::vision {

/// Images of more pixels are refused before they are decoded.
inline constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 28U;

}  // namespace yolovino::vision
