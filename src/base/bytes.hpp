#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace yolovino::base {

static_assert(std::endian::native == std::endian::little, "file formats are read as little-endian memory");

using Bytes = std::span<const std::byte>;

/// a * b, or nothing if it does not fit. Both must be unsigned sizes from outside.
constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) noexcept {
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
    return a * b;
}

/// a + b, or nothing if it does not fit.
constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) noexcept {
    if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
    return a + b;
}

inline std::string_view as_text(Bytes bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// Reads forward through bytes from outside. A read that does not fit returns nothing and moves nothing.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes, std::size_t offset = 0) noexcept
        : bytes_(bytes), offset_(offset < bytes.size() ? offset : bytes.size()) {}

    std::size_t offset() const noexcept { return offset_; }
    std::size_t remaining() const noexcept { return bytes_.size() - offset_; }

    std::optional<Bytes> take(std::uint64_t count) noexcept {
        if (count > remaining()) return std::nullopt;
        const Bytes taken = bytes_.subspan(offset_, static_cast<std::size_t>(count));
        offset_ += static_cast<std::size_t>(count);
        return taken;
    }

    /// Little-endian integer or IEEE float.
    template <typename T>
    std::optional<T> read() noexcept {
        const auto taken = take(sizeof(T));
        if (!taken) return std::nullopt;
        T value;
        std::memcpy(&value, taken->data(), sizeof(T));
        return value;
    }

    bool skip(std::uint64_t count) noexcept { return take(count).has_value(); }

private:
    Bytes bytes_;
    std::size_t offset_;
};

}  // namespace yolovino::base
