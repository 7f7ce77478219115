#include "vision/heat_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace yolovino::vision {

namespace {

constexpr std::size_t kChannels = 3;
constexpr float kLeastRange = 1e-7F;

std::uint8_t to_byte(float share) {
    return static_cast<std::uint8_t>(std::clamp(share, 0.0F, 1.0F) * 255);
}

/// Writes one channel of the input into one of BGR.
void write_channel(std::span<const float> values, std::size_t channel, Image& image) {
    const auto [least, greatest] = std::ranges::minmax(values);
    const float range = std::max(greatest - least, kLeastRange);
    std::uint8_t* out = image.data() + (kChannels - 1 - channel);
    for (const float value : values) {
        *out = to_byte((value - least) / range);
        out += kChannels;
    }
}

cv::Mat matrix_of(Image& image) {
    return {image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes()};
}

}  // namespace

Image heat_map(std::span<const float> input, std::span<const float> map, ImageSize size) {
    Image image(size.height, size.width);
    const std::size_t area = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    for (std::size_t c = 0; c < kChannels; ++c) write_channel(input.subspan(c * area, area), c, image);
    cv::Mat levels(size.height, size.width, CV_8UC1);
    std::ranges::transform(map, levels.data, to_byte);
    cv::Mat colours;
    cv::applyColorMap(levels, colours, cv::COLORMAP_JET);
    cv::Mat mixed = matrix_of(image);
    cv::addWeighted(colours, 0.5, mixed, 0.5, 0, mixed);
    return image;
}

}  // namespace yolovino::vision
