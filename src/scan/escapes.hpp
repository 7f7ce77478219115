#pragma once

#include <string>
#include <string_view>

namespace yolovino::scan {

/// The operand of STRING without quotes and Python's escapes: `'\x6fs'` is `os`.
std::string decode_string(std::string_view line);

/// The operand of UNICODE: `\u006fs` is `os`, as UTF-8.
std::string decode_unicode(std::string_view line);

}  // namespace yolovino::scan
