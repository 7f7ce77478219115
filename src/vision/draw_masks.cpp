#include "vision/draw_masks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include "yolovino/error.hpp"

#include "vision/mask_resizer.hpp"
#include "vision/palette.hpp"

namespace yolovino::vision {

namespace {

constexpr float kStrength = 0.5F;
constexpr float kSet = 0.5F;  // from where a resized pixel belongs to the mask

using Bgr = std::array<float, 3>;

struct Layer {
    Masks::Instance mask;  ///< in pixels of the image
    Bgr colour;            ///< 0 to 1, at its strength
};

/// What the masks of one pixel amount to.
struct Blend {
    float rest = 1;  ///< share of the image
    Bgr colour{};
};

Bgr colour_of(int cls) {
    const std::uint32_t rgb = palette_entry(cls).rgb;
    Bgr out{};
    for (unsigned channel = 0; channel < 3; ++channel)
        out[channel] = static_cast<float>(rgb >> (8 * channel) & 0xFFU) / 255.0F * kStrength;
    return out;
}

std::vector<Layer> layers_of(const Masks& masks, std::span<const Box> boxes, ImageSize image) {
    std::vector<Layer> layers;
    if (masks.instances.empty()) return layers;
    if (masks.shape.height <= 0 || masks.shape.width <= 0)
        throw Error(ErrorCode::InvalidArgument, "image", "the masks have no grid");
    const MaskResizer resizer(image_on_grid(masks.shape, image), image);
    for (std::size_t i = 0; i < std::min(masks.instances.size(), boxes.size()); ++i) {
        if (!is_on_grid(masks.instances[i], masks.shape))
            throw Error(ErrorCode::InvalidArgument, "image", fmt::format("mask {} does not lie on its grid", i));
        layers.push_back({resizer.resize(masks.instances[i], kSet), colour_of(boxes[i].cls)});
    }
    return layers;
}

void add_row(const Layer& layer, int y, std::span<Blend> row) {
    const Masks::Instance& mask = layer.mask;
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    const std::uint64_t* bits = mask.bits.data() + words * static_cast<std::size_t>(y - mask.top);
    for (std::size_t x = 0; x < static_cast<std::size_t>(mask.width); ++x) {
        if ((bits[x / 64] >> (x % 64) & 1U) == 0) continue;
        Blend& pixel = row[static_cast<std::size_t>(mask.left) + x];
        pixel.rest *= 1 - kStrength;
        for (std::size_t c = 0; c < 3; ++c) pixel.colour[c] = std::max(pixel.colour[c], layer.colour[c]);
    }
}

}  // namespace

void draw_masks(Image& image, const Masks& masks, std::span<const Box> boxes) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no image to draw on");
    const std::vector<Layer> layers = layers_of(masks, boxes, image.size());
    std::vector<Blend> row(static_cast<std::size_t>(image.width()));
    for (int y = 0; y < image.height(); ++y) {
        bool touched = false;
        for (const Layer& layer : layers) {
            if (y < layer.mask.top || y >= layer.mask.top + layer.mask.height) continue;
            if (!touched) std::ranges::fill(row, Blend{});
            touched = true;
            add_row(layer, y, row);
        }
        if (!touched) continue;
        std::uint8_t* pixel = image.row(y);
        for (const Blend& blend : row) {
            for (std::size_t c = 0; c < 3; ++c, ++pixel) {
                const float value = static_cast<float>(*pixel) / 255.0F * blend.rest + blend.colour[c];
                *pixel = static_cast<std::uint8_t>(value * 255.0F);
            }
        }
    }
}

}  // namespace yolovino::vision
