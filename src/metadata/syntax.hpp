#pragma once

#include <string>
#include <string_view>

#include "metadata/value.hpp"

namespace yolovino::metadata {

/// The three syntaxes in which exporters write metadata. Depth and number of values are capped.
/// @param file for messages
/// @throws Error CorruptFile, LimitExceeded
Value parse_yaml(std::string_view text, const std::string& file);
Value parse_json(std::string_view text, const std::string& file);

/// A Python literal as `str()` writes it: dict, list, tuple, string, integer, float, True, False, None.
/// @param what the name of the value, for messages
Value parse_python(std::string_view text, std::string_view what, const std::string& file);

}  // namespace yolovino::metadata
