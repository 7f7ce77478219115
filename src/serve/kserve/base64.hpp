#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace yolovino::serve {

/// The bytes of a text in base64, with padding and without white space. Nothing if it is something else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace yolovino::serve
