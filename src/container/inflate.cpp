#include "container/inflate.hpp"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace yolovino::container {

Inflated inflate(base::Bytes compressed, std::uint64_t max_bytes) {
    Inflated result;
    z_stream stream = {};
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return result;
    constexpr std::size_t kStep = 1U << 16U;
    std::array<std::byte, kStep> piece{};
    int state = Z_OK;
    while (state == Z_OK && result.bytes.size() < max_bytes) {
        if (stream.avail_in == 0 && !compressed.empty()) {
            const std::size_t count = std::min(compressed.size(), std::size_t{1} << 30U);
            // zlib's interface lacks a const.
            stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
            stream.avail_in = static_cast<uInt>(count);
            compressed = compressed.subspan(count);
        }
        const std::uint64_t room = std::min<std::uint64_t>(kStep, max_bytes - result.bytes.size());
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(room);
        state = ::inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = static_cast<std::size_t>(room) - stream.avail_out;
        result.bytes.insert(result.bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(made));
    }
    result.complete = state == Z_STREAM_END;
    ::inflateEnd(&stream);
    return result;
}

}  // namespace yolovino::container
