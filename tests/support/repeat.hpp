#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yolovino::test {

/// `part`, `count` times.
inline std::string repeat(std::string_view part, std::size_t count) {
    std::string out;
    out.reserve(part.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += part;
    return out;
}

}  // namespace yolovino::test
