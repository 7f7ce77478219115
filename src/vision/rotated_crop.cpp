#include "vision/rotated_crop.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/fail.hpp"

namespace yolovino::vision {

namespace {

float distance(const Point& a, const Point& b) {
    const float dx = a.x - b.x;
    const float dy = a.y - b.y;
    return std::sqrt(dx * dx + dy * dy);
}

}  // namespace

Image rotated_crop(const Image& image, const RotatedBox& box) {
    constexpr float kLongestPx = 32'766;  // OpenCV counts pixels of a warp in 16 bits
    constexpr float kMostPx = 268'435'456;
    const std::array<Point, 4> corners = box.corners();
    const float across = std::max(std::nearbyint(distance(corners[0], corners[3])), 1.0F);
    const float down = std::max(std::nearbyint(distance(corners[0], corners[1])), 1.0F);
    const bool finite =
        std::ranges::all_of(corners, [](const Point& each) { return std::isfinite(each.x) && std::isfinite(each.y); });
    if (!finite || image.empty() || !(across <= kLongestPx && down <= kLongestPx && across * down <= kMostPx))
        return {};
    Image out(static_cast<int>(down), static_cast<int>(across));
    base::translate(ErrorCode::RuntimeFailure, "image", "cropping failed", [&] {
        const cv::Mat pixels(image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.data()),
                             image.stride_bytes());
        cv::Mat upright(out.height(), out.width(), CV_8UC3, out.data(), out.stride_bytes());
        const std::array<cv::Point2f, 3> from = {
            cv::Point2f{corners[0].x, corners[0].y}, {corners[1].x, corners[1].y}, {corners[2].x, corners[2].y}};
        const std::array<cv::Point2f, 3> to = {cv::Point2f{across, down}, {across, 0}, {0, 0}};
        cv::warpAffine(pixels, upright, cv::getAffineTransform(from.data(), to.data()), upright.size());
    });
    return out;
}

}  // namespace yolovino::vision
