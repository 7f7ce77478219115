#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace yolovino::container {

struct Inflated {
    std::vector<std::byte> bytes;
    bool complete = false;
};

/// Decompresses raw deflate data as far as it goes, to at most `max_bytes`.
Inflated inflate(base::Bytes compressed, std::uint64_t max_bytes);

}  // namespace yolovino::container
