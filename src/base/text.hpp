#pragma once

#include <string>
#include <string_view>

namespace yolovino::base {

/// Whether `text` is valid UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

/// `text` as Python's repr() prints a str: quotes, escapes for control characters and for bytes that are not UTF-8.
std::string python_repr(std::string_view text);

/// `number` as Python's repr() prints a float.
std::string python_repr(double number);

}  // namespace yolovino::base
