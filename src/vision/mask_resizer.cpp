#include "vision/mask_resizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace yolovino::vision {

namespace {

constexpr int kWordBits = 64;

/// The outputs that touch values from `begin` to `end`, as the first and their number.
std::pair<int, int> touching(const BilinearAxis& axis, int begin, int end) {
    const auto from = std::ranges::lower_bound(axis.second, begin);
    const auto to = std::ranges::lower_bound(axis.first, end);
    const auto first = static_cast<int>(from - axis.second.begin());
    return {first, std::max(static_cast<int>(to - axis.first.begin()) - first, 0)};
}

/// The bits of a region as floats; 0 where the mask has none.
std::vector<float> to_floats(const Masks::Instance& mask, const Region& region) {
    const auto width = static_cast<std::size_t>(region.width);
    std::vector<float> out(width * static_cast<std::size_t>(region.height));
    const int first = std::max(region.left, mask.left);
    const int end = std::min(region.left + region.width, mask.left + mask.width);
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    for (int y = std::max(region.top, mask.top); y < std::min(region.top + region.height, mask.top + mask.height);
         ++y) {
        const std::uint64_t* bits = mask.bits.data() + words * static_cast<std::size_t>(y - mask.top);
        float* row = out.data() + width * static_cast<std::size_t>(y - region.top);
        for (int x = first; x < end; ++x) {
            const auto bit = static_cast<std::size_t>(x - mask.left);
            row[x - region.left] = static_cast<float>(bits[bit / kWordBits] >> (bit % kWordBits) & 1U);
        }
    }
    return out;
}

}  // namespace

Region image_on_grid(ImageSize grid, ImageSize image) {
    const double gain =
        std::min(static_cast<double>(grid.height) / image.height, static_cast<double>(grid.width) / image.width);
    const auto place = [gain](int outer, int side) {
        const int inner = std::clamp(static_cast<int>(std::nearbyint(side * gain)), 1, outer);
        return std::pair(static_cast<int>(std::nearbyint((outer - inner) / 2.0 - 0.1)), inner);
    };
    const auto [top, height] = place(grid.height, image.height);
    const auto [left, width] = place(grid.width, image.width);
    return {top, left, height, width};
}

int words_of_row(int width) {
    return width / kWordBits + (width % kWordBits != 0 ? 1 : 0);
}

bool is_on_grid(const Masks::Instance& mask, ImageSize grid) {
    const auto lies = [](int begin, int count, int side) { return begin >= 0 && count >= 0 && count <= side - begin; };
    return grid.height >= 0 && grid.width >= 0 && lies(mask.top, mask.height, grid.height) &&
           lies(mask.left, mask.width, grid.width) &&
           mask.bits.size() ==
               static_cast<std::size_t>(mask.height) * static_cast<std::size_t>(words_of_row(mask.width));
}

MaskResizer::MaskResizer(const Region& part, ImageSize image)
    : plan_{{part.height, image.height, part.top}, {part.width, image.width, part.left}} {}

Masks::Instance MaskResizer::resize(const Masks::Instance& mask, float above) const {
    Masks::Instance out;
    if (mask.height == 0 || mask.width == 0) return out;
    const auto [top, height] = touching(plan_.rows, mask.top, mask.top + mask.height);
    const auto [left, width] = touching(plan_.columns, mask.left, mask.left + mask.width);
    if (height == 0 || width == 0) return out;
    const Region part{top, left, height, width};
    out.top = top;
    out.left = left;
    out.height = height;
    out.width = width;
    const auto words = static_cast<std::size_t>(words_of_row(width));
    out.bits.resize(words * static_cast<std::size_t>(height));
    plan_.for_rows(to_floats(mask, plan_.source_of(part)), part, [&](int row, std::span<const float> values) {
        pack_bits(values, above, std::span(out.bits).subspan(static_cast<std::size_t>(row) * words, words));
    });
    return out;
}

}  // namespace yolovino::vision
