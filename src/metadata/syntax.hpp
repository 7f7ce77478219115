#pragma once

#include <string>
#include <string_view>

#include "metadata/value.hpp"

namespace yolovino::metadata {

/// Two of the three syntaxes in which exporters write metadata; python_literal.hpp has the third. Depth and number of
/// values are limited.
/// @param file for messages
/// @throws Error CorruptFile, LimitExceeded
Value parse_yaml(std::string_view text, const std::string& file);
Value parse_json(std::string_view text, const std::string& file);

}  // namespace yolovino::metadata
