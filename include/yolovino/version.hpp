#pragma once

#include <string_view>

#include "yolovino/visibility.hpp"

// The version of these headers, for `#if`; the build takes its own from here. While MAJOR is 0, each MINOR has an
// interface of its own.
#define YOLOVINO_VERSION_MAJOR 0
#define YOLOVINO_VERSION_MINOR 5
#define YOLOVINO_VERSION_PATCH 0
#define YOLOVINO_VERSION_STRING "0.5.0"

namespace yolovino {

/// Version of the library that is loaded, `major.minor.patch`.
YOLOVINO_API std::string_view version() noexcept;

}  // namespace yolovino
