#pragma once

#include <string>
#include <string_view>

#include "metadata/value.hpp"

namespace yolovino::metadata {

/// A Python literal as `str()` writes it: dict, list, tuple, string, integer, float, True, False, None. Depth and
/// number of values are capped.
/// @param what the name of the value, for messages
/// @param file for messages
/// @throws Error CorruptFile, LimitExceeded
Value parse_python(std::string_view text, std::string_view what, const std::string& file);

}  // namespace yolovino::metadata
