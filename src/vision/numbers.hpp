#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace yolovino::vision::detail {

/// Reads numbers of a file at any place; out of bounds gives nothing.
class Numbers {
public:
    Numbers(std::span<const std::byte> bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

    /// @param count of bytes, 1 to 8
    std::optional<std::uint64_t> read(std::uint64_t offset, std::size_t count) const {
        if (offset > bytes_.size() || bytes_.size() - offset < count) return std::nullopt;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint64_t at = big_endian_ ? offset + i : offset + count - 1 - i;
            value = (value << 8U) | std::to_integer<std::uint64_t>(bytes_[static_cast<std::size_t>(at)]);
        }
        return value;
    }

private:
    std::span<const std::byte> bytes_;
    bool big_endian_;
};

}  // namespace yolovino::vision::detail
