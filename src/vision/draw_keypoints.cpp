#include "vision/draw_keypoints.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <span>

#include "base/fail.hpp"
#include "vision/draw.hpp"
#include "vision/palette.hpp"

namespace yolovino::vision {

namespace {

/// Ultralytics' palette of persons, which it uses as BGR.
constexpr std::array<std::array<std::uint8_t, 3>, 20> kPersonPalette = {{
    {255, 128, 0},   {255, 153, 51},  {255, 178, 102}, {230, 230, 0},   {255, 153, 255},
    {153, 204, 255}, {255, 102, 255}, {255, 51, 255},  {102, 178, 255}, {51, 153, 255},
    {255, 153, 153}, {255, 102, 102}, {255, 51, 51},   {153, 255, 153}, {102, 255, 102},
    {51, 255, 51},   {0, 255, 0},     {0, 0, 255},     {255, 0, 0},     {255, 255, 255},
}};

constexpr std::size_t kPersonPoints = 17;
constexpr std::array<std::uint8_t, kPersonPoints> kPersonColors = {16, 16, 16, 16, 16, 0, 0, 0, 0,
                                                                   0,  0,  9,  9,  9,  9, 9, 9};

/// Two keypoints of a person, 0-based, and the colour of the line between them.
struct Limb {
    std::uint8_t from;
    std::uint8_t to;
    std::uint8_t color;
};
constexpr std::array<Limb, 19> kLimbs = {{
    {15, 13, 9}, {13, 11, 9}, {16, 14, 9}, {14, 12, 9}, {11, 12, 7}, {5, 11, 7}, {6, 12, 7},
    {5, 6, 0},   {5, 7, 0},   {6, 8, 0},   {7, 9, 0},   {8, 10, 0},  {1, 2, 16}, {0, 1, 16},
    {0, 2, 16},  {1, 3, 16},  {2, 4, 16},  {3, 5, 16},  {4, 6, 16},
}};

constexpr float kVisible = 0.25F;  // from here on a keypoint is drawn

cv::Scalar person_color(std::size_t entry) {
    const std::array<std::uint8_t, 3>& color = kPersonPalette[entry];
    return {double(color[0]), double(color[1]), double(color[2])};
}

/// Of the palette of classes, whose red and blue Ultralytics exchanges here.
cv::Scalar point_color(std::size_t entry) {
    const std::uint32_t rgb = kPalette[entry % kPalette.size()].rgb;
    return {double((rgb >> 16U) & 0xFFU), double((rgb >> 8U) & 0xFFU), double(rgb & 0xFFU)};
}

/// The keypoints of one object.
class Pose {
public:
    Pose(std::span<const float> numbers, std::size_t dims) : numbers_(numbers), dims_(dims) {}

    std::size_t size() const { return numbers_.size() / dims_; }
    bool is_drawn(std::size_t i) const {
        return dims_ == 3 ? !(numbers_[3 * i + 2] < kVisible) : numbers_[2 * i] != 0 || numbers_[2 * i + 1] != 0;
    }
    cv::Point pixel(std::size_t i) const { return {to_pixel(numbers_[dims_ * i]), to_pixel(numbers_[dims_ * i + 1])}; }

private:
    std::span<const float> numbers_;
    std::size_t dims_;
};

void draw_pose(cv::Mat& canvas, const Pose& pose, const PlotArgs& args, int line_width) {
    constexpr int kLargestRadius = 1000;
    const bool person = pose.size() == kPersonPoints;
    const int radius = std::clamp(args.kpt_radius, 0, kLargestRadius);
    for (std::size_t i = 0; i < pose.size(); ++i) {
        if (!pose.is_drawn(i)) continue;
        cv::circle(canvas, pose.pixel(i), radius, person ? person_color(kPersonColors[i]) : point_color(i), cv::FILLED,
                   cv::LINE_AA);
    }
    if (!person || !args.kpt_line) return;
    for (const Limb& limb : kLimbs) {
        const cv::Point from = pose.pixel(limb.from);
        const cv::Point to = pose.pixel(limb.to);
        const bool inside = from.x >= 0 && from.y >= 0 && to.x >= 0 && to.y >= 0;
        if (inside && pose.is_drawn(limb.from) && pose.is_drawn(limb.to))
            cv::line(canvas, from, to, person_color(limb.color), (line_width + 1) / 2, cv::LINE_AA);
    }
}

}  // namespace

void draw_keypoints(Image& image, const Keypoints& keypoints, const PlotArgs& args) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no image to draw on");
    const KeypointShape& shape = keypoints.shape;
    if (shape.count <= 0 || (shape.dims != 2 && shape.dims != 3)) return;
    const auto dims = static_cast<std::size_t>(shape.dims);
    const std::size_t each = static_cast<std::size_t>(shape.count) * dims;
    const int line_width = line_width_of(image, args);
    cv::Mat canvas(image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes());
    base::translate(ErrorCode::RuntimeFailure, "image", "drawing failed", [&] {
        for (std::size_t object = keypoints.data.size() / each; object-- > 0;)
            draw_pose(canvas, Pose(std::span(keypoints.data).subspan(object * each, each), dims), args, line_width);
    });
}

}  // namespace yolovino::vision
