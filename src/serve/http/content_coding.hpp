#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yolovino::serve {

/// A body without its coding, `gzip`, `deflate` (with or without the header of zlib), or `identity`.
/// @throws Error CorruptFile for what is damaged or truncated, LimitExceeded above `max_bytes`
std::string decode_content(std::string_view coding, std::string_view body, std::size_t max_bytes);

/// A body as `gzip`.
std::string gzip(std::string_view body);

}  // namespace yolovino::serve
