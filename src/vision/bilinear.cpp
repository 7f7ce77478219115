#include "vision/bilinear.hpp"

#include <algorithm>
#include <array>
#include <cstring>

// Compiled for several instruction sets; the first that the machine has is taken. All give the same bits: the file is
// compiled without contraction of products and sums.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
#define YOLOVINO_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define YOLOVINO_CLONES
#endif

namespace yolovino::vision {

namespace {

constexpr std::size_t kWordBits = 64;

YOLOVINO_CLONES void blend_gathered(const float* __restrict row, std::int32_t left, const std::int32_t* first,
                                    const std::int32_t* second, const float* share, float* __restrict out,
                                    std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        out[i] = row[first[i] - left] * (1 - share[i]) + row[second[i] - left] * share[i];
}

YOLOVINO_CLONES void blend(const float* upper, const float* lower, float share, float* __restrict out,
                           std::size_t count) {
    const float rest = 1 - share;
    for (std::size_t i = 0; i < count; ++i) out[i] = upper[i] * rest + lower[i] * share;
}

YOLOVINO_CLONES void compare(const float* values, float above, std::uint8_t* __restrict out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = values[i] > above ? 1 : 0;
}

}  // namespace

BilinearAxis::BilinearAxis(int in, int out, int offset) {
    const auto count = static_cast<std::size_t>(out);
    first.resize(count);
    second.resize(count);
    share.resize(count);
    const float step = static_cast<float>(in) / static_cast<float>(out);
    for (int i = 0; i < out; ++i) {
        const float at = std::max((static_cast<float>(i) + 0.5F) * step - 0.5F, 0.0F);
        const int before = std::min(static_cast<int>(at), in - 1);
        const auto index = static_cast<std::size_t>(i);
        first[index] = before + offset;
        second[index] = std::min(before + 1, in - 1) + offset;
        share[index] = std::min(at - static_cast<float>(before), 1.0F);
    }
}

void blend_columns(const float* row, int left, const BilinearAxis& columns, int begin, std::span<float> out) {
    blend_gathered(row, left, columns.first.data() + begin, columns.second.data() + begin, columns.share.data() + begin,
                   out.data(), out.size());
}

void blend_rows(const float* upper, const float* lower, float share, std::span<float> out) {
    blend(upper, lower, share, out.data(), out.size());
}

void pack_bits(std::span<const float> values, float above, std::span<std::uint64_t> words) {
    // Eight bytes of 0 or 1 become eight bits: no two of the products meet in one bit.
    constexpr std::uint64_t kGather = 0x0102040810204080;
    for (std::size_t word = 0; word < words.size(); ++word) {
        const std::size_t begin = word * kWordBits;
        std::array<std::uint8_t, kWordBits> set{};
        compare(values.data() + begin, above, set.data(), std::min(kWordBits, values.size() - begin));
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < kWordBits; i += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, set.data() + i, sizeof eight);
            bits |= ((eight * kGather) >> 56U) << i;
        }
        words[word] = bits;
    }
}

Region BilinearResize::source_of(const Region& part) const {
    const auto span_of = [](const BilinearAxis& axis, int begin, int count) {
        const int from = axis.first[static_cast<std::size_t>(begin)];
        return std::pair(from, axis.second[static_cast<std::size_t>(begin + count - 1)] + 1 - from);
    };
    const auto [top, height] = span_of(rows, part.top, part.height);
    const auto [left, width] = span_of(columns, part.left, part.width);
    return {top, left, height, width};
}

}  // namespace yolovino::vision
