#pragma once

#include <span>

#include "nets/heads/head.hpp"

namespace yolovino::nets {

/// Every head, one row each. A file of its own, so that a program may bring another table.
std::span<const Head> head_table();

}  // namespace yolovino::nets
