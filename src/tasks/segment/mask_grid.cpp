#include "tasks/segment/mask_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "vision/mask_resizer.hpp"

namespace yolovino::tasks {

namespace {

/// Adds rows, each times its factor. Compiled for several instruction sets; the first that the machine has is taken.
/// All give the same bits: the file is compiled without contraction of products and sums.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void add_products(const float* first, std::size_t plane, const float* factors, std::size_t planes,
                  float* __restrict sums, std::size_t count) {
    constexpr std::size_t kAtOnce = 4;
    std::size_t k = 0;
    for (; k + kAtOnce <= planes; k += kAtOnce) {
        const float* a = first + k * plane;
        const float* b = a + plane;
        const float* c = b + plane;
        const float* d = c + plane;
        for (std::size_t i = 0; i < count; ++i) {
            sums[i] = (((sums[i] + factors[k] * a[i]) + factors[k + 1] * b[i]) + factors[k + 2] * c[i]) +
                      factors[k + 3] * d[i];
        }
    }
    for (; k < planes; ++k) {
        const float* a = first + k * plane;
        for (std::size_t i = 0; i < count; ++i) sums[i] += factors[k] * a[i];
    }
}

/// The whole numbers n of [low, high) on an axis, as the first and their count; none for what is not a number.
std::pair<int, int> whole_numbers(float low, float high, int side) {
    if (std::isnan(low) || std::isnan(high)) return {0, 0};
    const auto bound = [side](float value) {
        return static_cast<int>(std::clamp(std::ceil(value), 0.0F, static_cast<float>(side)));
    };
    const int first = bound(low);
    return {first, std::max(bound(high) - first, 0)};
}

/// How much Ultralytics enlarges prototypes before it cuts the borders off, so that these are whole cells: 1, 2, or 4.
int enlargement(ImageSize prototypes, ImageSize image) {
    const int height = 4 * prototypes.height;
    const int width = 4 * prototypes.width;
    const vision::Region inside = vision::image_on_grid({height, width}, image);
    const auto borders = static_cast<unsigned>(height - inside.height) | static_cast<unsigned>(width - inside.width);
    return 4 / static_cast<int>(std::gcd(4U, borders | borders >> 1U));
}

}  // namespace

MaskGrid MaskGrid::at_prototypes(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry) {
    return {prototypes, geometry, Space::Prototypes, prototypes.size};
}

MaskGrid MaskGrid::at_input(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry) {
    MaskGrid grid(prototypes, geometry, Space::Input, geometry.canvas);
    grid.steps_.push_back({{prototypes.size.height, grid.size_.height}, {prototypes.size.width, grid.size_.width}});
    return grid;
}

MaskGrid MaskGrid::at_image(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry) {
    MaskGrid grid(prototypes, geometry, Space::Image, geometry.source);
    const int times = enlargement(prototypes.size, geometry.source);
    const ImageSize enlarged{times * prototypes.size.height, times * prototypes.size.width};
    if (times > 1)
        grid.steps_.push_back({{prototypes.size.height, enlarged.height}, {prototypes.size.width, enlarged.width}});
    const vision::Region part = vision::image_on_grid(enlarged, geometry.source);
    grid.steps_.push_back({{part.height, grid.size_.height, part.top}, {part.width, grid.size_.width, part.left}});
    return grid;
}

vision::Region MaskGrid::covered(const vision::ModelBox& box) const {
    vision::ModelBox on_grid = box;
    if (space_ == Space::Image) {
        const Box in_image = geometry_.to_image(box);
        on_grid = {in_image.x1, in_image.y1, in_image.x2, in_image.y2};
    } else if (space_ == Space::Prototypes) {
        const auto x = static_cast<float>(static_cast<double>(size_.width) / geometry_.canvas.width);
        const auto y = static_cast<float>(static_cast<double>(size_.height) / geometry_.canvas.height);
        on_grid = {box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y};
    }
    const auto [top, height] = whole_numbers(on_grid.y1, on_grid.y2, size_.height);
    const auto [left, width] = whole_numbers(on_grid.x1, on_grid.x2, size_.width);
    return {top, left, height, width};
}

std::span<const float> MaskGrid::logits(std::span<const float> coefficients, const vision::Region& part,
                                        std::size_t step) const {
    thread_local std::array<std::vector<float>, 3> buffers;
    const auto width = static_cast<std::size_t>(part.width);
    std::vector<float>& out = buffers.at(step);
    out.resize(width * static_cast<std::size_t>(part.height));
    if (step == 0) {
        std::ranges::fill(out, 0.0F);
        const auto stride = static_cast<std::size_t>(prototypes_.size.width);
        const std::size_t plane = stride * static_cast<std::size_t>(prototypes_.size.height);
        const float* row =
            prototypes_.data.data() + static_cast<std::size_t>(part.top) * stride + static_cast<std::size_t>(part.left);
        for (float* sums = out.data(); sums != out.data() + out.size(); sums += width, row += stride)
            add_products(row, plane, coefficients.data(), prototypes_.count, sums, width);
        return out;
    }
    const vision::BilinearResize& resize = steps_[step - 1];
    resize.for_rows(logits(coefficients, resize.source_of(part), step - 1), part,
                    [&](int row, std::span<const float> values) {
                        std::ranges::copy(values, out.begin() + row * static_cast<std::ptrdiff_t>(part.width));
                    });
    return out;
}

Masks::Instance MaskGrid::mask(std::span<const float> coefficients, const vision::ModelBox& box) const {
    const vision::Region part = covered(box);
    if (part.height == 0 || part.width == 0) return {};
    Masks::Instance out{part.top, part.left, part.height, part.width, {}};
    const auto words = static_cast<std::size_t>(vision::words_of_row(part.width));
    out.bits.resize(words * static_cast<std::size_t>(part.height));
    const auto pack = [&](int row, std::span<const float> values) {
        vision::pack_bits(values, 0, std::span(out.bits).subspan(static_cast<std::size_t>(row) * words, words));
    };
    if (steps_.empty()) {
        const std::span<const float> values = logits(coefficients, part, 0);
        const auto width = static_cast<std::size_t>(part.width);
        for (int row = 0; row < part.height; ++row)
            pack(row, values.subspan(static_cast<std::size_t>(row) * width, width));
    } else {
        const vision::BilinearResize& resize = steps_.back();
        resize.for_rows(logits(coefficients, resize.source_of(part), steps_.size() - 1), part, pack);
    }
    return out;
}

bool is_empty(const Masks::Instance& mask) {
    return std::ranges::all_of(mask.bits, [](std::uint64_t word) { return word == 0; });
}

}  // namespace yolovino::tasks
