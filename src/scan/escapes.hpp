#pragma once

#include <string>
#include <string_view>

namespace yolovino::scan {

/// The operand of STRING without quotes and Python's escapes: `'\x6fs'` is `os`.
std::string decode_string(std::string_view line);

/// The operand of UNICODE: `\u006fs` is `os`, as UTF-8.
std::string decode_unicode(std::string_view line);

/// UTF-8 as Latin-1, which is how protocols below 3 write bytes; empty if a character is not in Latin-1.
std::string encode_latin1(std::string_view text);

}  // namespace yolovino::scan
