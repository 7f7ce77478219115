#include "metrics/mask_overlap.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>

namespace yolovino::metrics {

namespace {

constexpr std::size_t kWordBits = 64;

std::size_t words_of(const Masks::Instance& mask) {
    return (static_cast<std::size_t>(mask.width) + kWordBits - 1) / kWordBits;
}

/// 64 bits of a row from a column on; what lies beyond the row is 0.
std::uint64_t bits_from(std::span<const std::uint64_t> row, std::size_t column) {
    const std::size_t word = column / kWordBits;
    const std::size_t shift = column % kWordBits;
    std::uint64_t bits = row[word] >> shift;
    if (shift != 0 && word + 1 < row.size()) bits |= row[word + 1] << (kWordBits - shift);
    return bits;
}

}  // namespace

std::uint64_t area_px(const Masks::Instance& mask) {
    std::uint64_t area = 0;
    for (const std::uint64_t word : mask.bits) area += static_cast<std::uint64_t>(std::popcount(word));
    return area;
}

std::uint64_t shared_px(const Masks::Instance& a, const Masks::Instance& b) {
    const int top = std::max(a.top, b.top);
    const int bottom = std::min(a.top + a.height, b.top + b.height);
    const int left = std::max(a.left, b.left);
    const int right = std::min(a.left + a.width, b.left + b.width);
    if (top >= bottom || left >= right) return 0;
    std::uint64_t shared = 0;
    const auto columns = static_cast<std::size_t>(right - left);
    for (int y = top; y < bottom; ++y) {
        const std::span row_a =
            std::span(a.bits).subspan(static_cast<std::size_t>(y - a.top) * words_of(a), words_of(a));
        const std::span row_b =
            std::span(b.bits).subspan(static_cast<std::size_t>(y - b.top) * words_of(b), words_of(b));
        for (std::size_t x = 0; x < columns; x += kWordBits) {
            std::uint64_t both = bits_from(row_a, static_cast<std::size_t>(left - a.left) + x) &
                                 bits_from(row_b, static_cast<std::size_t>(left - b.left) + x);
            if (columns - x < kWordBits) both &= (std::uint64_t{1} << (columns - x)) - 1;
            shared += static_cast<std::uint64_t>(std::popcount(both));
        }
    }
    return shared;
}

}  // namespace yolovino::metrics
