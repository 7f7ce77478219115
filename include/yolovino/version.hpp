#pragma once

#include <string_view>

#include "yolovino/export.hpp"

namespace yolovino {

/// Version of the library, `major.minor.patch`.
YOLOVINO_API std::string_view version() noexcept;

}  // namespace yolovino
