// Prints a hash of the letterboxed pixels of many sizes. It is linked twice, with Debian's shared OpenCV and with the
// archives that the wheel has inside; a test compares what both print.

#include <cstdint>
#include <cstdio>

#include "yolovino/image.hpp"

#include "vision/letterbox.hpp"

namespace {

yolovino::Image noise(int height, int width) {
    yolovino::Image image(height, width);
    std::uint32_t state = static_cast<std::uint32_t>(height * 65537 + width);
    for (std::size_t i = 0; i < image.size_bytes(); ++i) {
        state = state * 1664525U + 1013904223U;
        image.data()[i] = static_cast<std::uint8_t>(state >> 24U);
    }
    return image;
}

std::uint64_t hash(const yolovino::Image& image) {
    std::uint64_t value = 14695981039346656037ULL;
    for (std::size_t i = 0; i < image.size_bytes(); ++i) value = (value ^ image.data()[i]) * 1099511628211ULL;
    return value;
}

}  // namespace

int main() {
    constexpr int kSizes = 400;
    constexpr int kLargestPx = 2000;
    std::uint32_t state = 1;
    const auto side = [&state] {
        state = state * 1664525U + 1013904223U;
        return 1 + static_cast<int>((state >> 16U) % kLargestPx);
    };
    for (int i = 0; i < kSizes; ++i) {
        const int height = side();
        const int width = side();
        const yolovino::Image image = noise(height, width);
        using Geometry = yolovino::vision::LetterboxGeometry;
        const auto fit = yolovino::vision::letterbox(image, Geometry::fit(image.size(), {640, 640}));
        const auto minimal = yolovino::vision::letterbox(image, Geometry::fit_minimal(image.size(), {640, 640}, 32));
        std::printf("%d x %d: %016llx %016llx\n", height, width, static_cast<unsigned long long>(hash(fit)),
                    static_cast<unsigned long long>(hash(minimal)));
    }
    return 0;
}
