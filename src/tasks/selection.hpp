#pragma once

#include <cstddef>
#include <span>

#include "yolovino/results.hpp"

namespace yolovino::tasks {

/// Keeps these objects with all that belongs to them, in this order; one may come several times.
/// @param indices of objects that there are
void select(Results& results, std::span<const std::size_t> indices);

}  // namespace yolovino::tasks
