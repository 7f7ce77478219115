#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "yolovino/masks.hpp"

#include "fuzz/input.hpp"
#include "vision/mask_resizer.hpp"
#include "vision/outline.hpp"

namespace {

using namespace yolovino;

/// A byte each of the place and size, then the pixels, eight of a row in a byte.
Masks::Instance mask_of(const std::uint8_t* data, std::size_t size) {
    Masks::Instance mask;
    if (size < 4) return mask;
    mask = {data[0], data[1], data[2], data[3], {}};
    const auto words = static_cast<std::size_t>(vision::words_of_row(mask.width));
    mask.bits.resize(words * static_cast<std::size_t>(mask.height));
    const std::size_t row_bytes = (static_cast<std::size_t>(mask.width) + 7) / 8;
    for (std::size_t y = 0; y < static_cast<std::size_t>(mask.height); ++y) {
        for (std::size_t x = 0; x < static_cast<std::size_t>(mask.width); ++x) {
            const std::size_t at = 4 + y * row_bytes + x / 8;
            if (at < size && (data[at] >> (x % 8) & 1) != 0)
                mask.bits[y * words + x / 64] |= std::uint64_t{1} << (x % 64);
        }
    }
    return mask;
}

bool is_set(const Masks::Instance& mask, int y, int x) {
    if (y < mask.top || x < mask.left || y >= mask.top + mask.height || x >= mask.left + mask.width) return false;
    const auto words = static_cast<std::size_t>(vision::words_of_row(mask.width));
    const auto bit = static_cast<std::size_t>(x - mask.left);
    return (mask.bits[static_cast<std::size_t>(y - mask.top) * words + bit / 64] >> (bit % 64) & 1U) != 0;
}

/// Resized to its own size a mask is itself, and to none it never leaves the image.
void check_resizing(const Masks::Instance& mask) {
    constexpr ImageSize kGrid{600, 600};
    const Masks::Instance same = vision::MaskResizer({0, 0, 600, 600}, kGrid).resize(mask, 0.5F);
    for (int y = 0; y < mask.top + mask.height; ++y) {
        for (int x = 0; x < mask.left + mask.width; ++x)
            fuzz::expect(is_set(same, y, x) == is_set(mask, y, x), "a mask of its own size is itself");
    }
    const ImageSize image{37, 83};
    const vision::MaskResizer resizer(vision::image_on_grid(kGrid, image), image);
    fuzz::expect(vision::is_on_grid(resizer.resize(mask, 0.5F), image), "a resized mask lies in the image");
}

}  // namespace

/// Outlines consist of pixels of the mask, and reach as far up and down as it does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Masks::Instance mask = mask_of(data, size);
    fuzz::expect(vision::is_on_grid(mask, {600, 600}), "the mask has the bits of its size");
    const std::vector<vision::Contour> contours = vision::outer_contours(mask);
    std::size_t points = 0;
    for (const vision::Contour& contour : contours) {
        fuzz::expect(!contour.empty(), "no contour is empty");
        points += contour.size();
    }
    const vision::Contour line = vision::join_contours(contours);
    fuzz::expect(contours.size() < 2 || line.size() >= points + contours.size(), "no point is left out");
    fuzz::expect(contours.empty() || std::ranges::find(contours.front(), line.front()) != contours.front().end(),
                 "the line begins at the first contour");
    int top = 600;
    int bottom = -1;
    for (const vision::GridPoint& point : line) {
        fuzz::expect(is_set(mask, point.y, point.x), "outlines consist of set pixels");
        top = std::min(top, point.y);
        bottom = std::max(bottom, point.y);
    }
    for (int y = mask.top; y < mask.top + mask.height; ++y) {
        for (int x = mask.left; x < mask.left + mask.width; ++x)
            fuzz::expect(!is_set(mask, y, x) || (y >= top && y <= bottom), "outlines reach as far as the mask");
    }
    check_resizing(mask);
    return 0;
}
