#pragma once

#include <string>

#include "base/file.hpp"

namespace yolovino::base {

/// SHA-256 of a whole file, 64 lower-case hexadecimal digits. @throws Error IoFailure
std::string sha256(const RandomAccessFile& file);

}  // namespace yolovino::base
