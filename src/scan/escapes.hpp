#pragma once

#include <string>
#include <string_view>

namespace yolovino::scan {

/// The operand of STRING with quotes removed and Python's escapes decoded: `'\x6fs'` is `os`.
std::string decode_string(std::string_view line);

/// The operand of UNICODE as UTF-8, with escapes decoded: `\u006fs` is `os`.
std::string decode_unicode(std::string_view line);

/// The UTF-8 text in Latin-1; empty if a character is not in Latin-1. Protocols below 3 write bytes as such a text.
std::string encode_latin1(std::string_view text);

}  // namespace yolovino::scan
