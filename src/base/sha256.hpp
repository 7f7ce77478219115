#pragma once

#include <string>
#include <string_view>

#include "base/file.hpp"

namespace yolovino::base {

/// SHA-256 of a whole file, 64 lower-case hexadecimal digits. @throws Error IoFailure
std::string sha256(const RandomAccessFile& file);
/// Of a part of it. @throws Error CorruptFile beyond the end, IoFailure
std::string sha256(const RandomAccessFile& file, std::uint64_t offset_bytes, std::uint64_t count);
/// The same of a text.
std::string sha256(std::string_view text);

}  // namespace yolovino::base
