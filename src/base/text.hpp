#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace yolovino::base {

struct Utf8Character {
    std::size_t bytes = 0;  ///< 0 if the text is empty or does not begin with valid UTF-8
    std::uint32_t code = 0;
};

/// The character that begins `text`: no surrogates, no overlong forms, nothing above U+10FFFF.
Utf8Character first_character(std::string_view text) noexcept;

/// Appends a character as UTF-8. @param code up to 0x10FFFF; of larger ones the lower 21 bits count
void append_utf8(std::string& out, std::uint32_t code);

/// The text with the letters of ASCII in lower or upper case, whatever the locale.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

/// Whether `text` is valid UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

/// `text` as Python's repr() prints a str: quotes, escapes for control characters and for bytes that are not UTF-8.
std::string python_repr(std::string_view text);

/// `number` as Python's repr() prints a float.
std::string python_repr(double number);

}  // namespace yolovino::base
