#pragma once

#include <string>
#include <string_view>

#include "base/file.hpp"

namespace yolovino::base {

/// SHA-256 of a whole file, 64 lower-case hexadecimal digits. @throws Error IoFailure
std::string sha256(const RandomAccessFile& file);
/// The same of a text.
std::string sha256(std::string_view text);

}  // namespace yolovino::base
