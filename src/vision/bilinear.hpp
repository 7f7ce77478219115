#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "vision/region.hpp"

/// Bilinear resizing of planes of floats as PyTorch does it: half-pixel centres, no antialias. Only parts are computed.
namespace yolovino::vision {

/// Between which two values each output lies along one axis, and the share of the second.
struct BilinearAxis {
    std::vector<std::int32_t> first;
    std::vector<std::int32_t> second;
    std::vector<float> share;

    /// @param in,out positive
    /// @param offset of the values in a larger plane
    BilinearAxis(int in, int out, int offset = 0);

    int size() const { return static_cast<int>(first.size()); }
};

/// One output for each of `columns` outputs that begin with `begin`. @param row values from column `left` on
void blend_columns(const float* row, int left, const BilinearAxis& columns, int begin, std::span<float> out);
void blend_rows(const float* upper, const float* lower, float share, std::span<float> out);

/// Bit `i % 64` of word `i / 64` says whether value `i` is above a limit.
void pack_bits(std::span<const float> values, float above, std::span<std::uint64_t> words);

/// A resized plane, of which parts can be had.
struct BilinearResize {
    BilinearAxis rows;
    BilinearAxis columns;

    /// The part of the source that a part of the output needs, which must not be empty.
    Region source_of(const Region& part) const;

    /// Calls `take(row, values)` for each row of a part of the output, `row` counting from its top.
    /// @param source the values of `source_of(part)`, row after row
    template <typename Take>
    void for_rows(std::span<const float> source, const Region& part, Take&& take) const {
        const Region from = source_of(part);
        const auto width = static_cast<std::size_t>(part.width);
        thread_local std::vector<float> scratch;
        scratch.resize(3 * width);
        const std::span<float> out(scratch.data(), width);
        float* upper = scratch.data() + width;
        float* lower = upper + width;
        std::int32_t upper_row = -1;
        std::int32_t lower_row = -1;
        const auto fill = [&](float* into, std::int32_t row) {
            const auto line = static_cast<std::size_t>(row - from.top) * static_cast<std::size_t>(from.width);
            blend_columns(source.data() + line, from.left, columns, part.left, {into, width});
        };
        for (int row = 0; row < part.height; ++row) {
            const auto y = static_cast<std::size_t>(part.top) + static_cast<std::size_t>(row);
            if (rows.first[y] == lower_row) {
                std::swap(upper, lower);
                std::swap(upper_row, lower_row);
            }
            if (rows.first[y] != upper_row) fill(upper, upper_row = rows.first[y]);
            if (rows.second[y] != lower_row) fill(lower, lower_row = rows.second[y]);
            blend_rows(upper, lower, rows.share[y], out);
            take(row, std::span<const float>(out));
        }
    }
};

}  // namespace yolovino::vision
