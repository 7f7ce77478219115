#pragma once

#include <cstdint>

#include "yolovino/masks.hpp"

namespace yolovino::metrics {

std::uint64_t area_px(const Masks::Instance& mask);
/// Pixels that both cover; both lie on one grid.
std::uint64_t shared_px(const Masks::Instance& a, const Masks::Instance& b);

}  // namespace yolovino::metrics
