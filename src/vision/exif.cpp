#include "vision/exif.hpp"

#include <algorithm>
#include <cstring>

#include "vision/numbers.hpp"

namespace yolovino::vision::detail {

namespace {

constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint64_t kLongType = 4;
constexpr std::uint64_t kSignedLongType = 9;
constexpr std::size_t kEntryBytes = 12;

/// Where the pixel (y, x) of the oriented image comes from: a start and one step in bytes per output row and column.
struct Walk {
    std::ptrdiff_t start;
    std::ptrdiff_t per_row;
    std::ptrdiff_t per_column;
};

Walk walk_for(const Image& image, int orientation) {
    const auto stride = static_cast<std::ptrdiff_t>(image.stride_bytes());
    const std::ptrdiff_t last_column = stride - 3;
    const std::ptrdiff_t last_row = stride * (image.height() - 1);
    switch (orientation) {
        case 2:
            return {last_column, stride, -3};
        case 3:
            return {last_row + last_column, -stride, -3};
        case 4:
            return {last_row, -stride, 3};
        case 5:
            return {0, 3, stride};
        case 6:
            return {last_row, 3, -stride};
        case 7:
            return {last_row + last_column, -3, -stride};
        case 8:
            return {last_column, -3, stride};
        default:
            return {0, stride, 3};
    }
}

}  // namespace

int checked_orientation(std::optional<std::uint64_t> value) noexcept {
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
}

int exif_orientation(Bytes tiff) noexcept {
    if (tiff.size() < 8) return 1;
    const bool big_endian = tiff[0] == std::byte{'M'} && tiff[1] == std::byte{'M'};
    const bool little_endian = tiff[0] == std::byte{'I'} && tiff[1] == std::byte{'I'};
    if (!big_endian && !little_endian) return 1;
    const Numbers reader(tiff, big_endian);
    if (reader.read(2, 2) != 42U) return 1;
    const std::uint64_t directory = *reader.read(4, 4);
    const std::uint64_t count = reader.read(directory, 2).value_or(0);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t entry = directory + 2 + i * kEntryBytes;
        const auto tag = reader.read(entry, 2);
        if (!tag) return 1;
        if (*tag != kOrientationTag) continue;
        // As OpenCV, whatever type and count say: two bytes of the value. Of a long number in big-endian order OpenCV
        // would take the two that are zero.
        const auto type = reader.read(entry + 2, 2);
        const bool high_first = big_endian && (type == kLongType || type == kSignedLongType);
        return checked_orientation(reader.read(entry + (high_first ? 10 : 8), 2));
    }
    return 1;
}

Image apply_orientation(const Image& image, int orientation) {
    if (orientation <= 1 || orientation > 8) return image;
    const bool transposed = orientation >= 5;
    Image out(transposed ? image.width() : image.height(), transposed ? image.height() : image.width());
    const Walk walk = walk_for(image, orientation);
    constexpr int kTile = 32;  // a transposed walk strides over rows; tiles keep both sides in the cache
    for (int top = 0; top < out.height(); top += kTile) {
        for (int left = 0; left < out.width(); left += kTile) {
            const int right = std::min(left + kTile, out.width());
            for (int y = top; y < std::min(top + kTile, out.height()); ++y) {
                const std::uint8_t* from = image.data() + walk.start + walk.per_row * y + walk.per_column * left;
                std::uint8_t* to = out.row(y) + static_cast<std::ptrdiff_t>(left) * 3;
                for (int x = left; x < right; ++x, from += walk.per_column, to += 3) std::memcpy(to, from, 3);
            }
        }
    }
    return out;
}

}  // namespace yolovino::vision::detail
