#include "vision/outline.hpp"

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "base/fail.hpp"
#include "vision/join_lines.hpp"
#include "vision/mask_resizer.hpp"

namespace yolovino::vision {

namespace {

cv::Mat to_bytes(const Masks::Instance& mask) {
    cv::Mat bytes(mask.height, mask.width, CV_8UC1);
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    for (int y = 0; y < mask.height; ++y) {
        const std::uint64_t* bits = mask.bits.data() + words * static_cast<std::size_t>(y);
        std::uint8_t* row = bytes.ptr<std::uint8_t>(y);
        for (int x = 0; x < mask.width; ++x)
            row[x] = static_cast<std::uint8_t>(
                bits[static_cast<std::size_t>(x) / 64] >> (static_cast<std::size_t>(x) % 64) & 1U);
    }
    return bytes;
}

}  // namespace

std::vector<Contour> outer_contours(const Masks::Instance& mask) {
    std::vector<Contour> out;
    if (mask.height == 0 || mask.width == 0) return out;
    base::translate(ErrorCode::RuntimeFailure, "results", "tracing a mask failed", [&] {
        std::vector<std::vector<cv::Point>> found;
        cv::findContours(to_bytes(mask), found, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE,
                         cv::Point(mask.left, mask.top));
        for (const auto& points : found) {
            Contour contour;
            contour.reserve(points.size());
            for (const cv::Point& point : points) contour.push_back({point.x, point.y});
            out.push_back(std::move(contour));
        }
    });
    return out;
}

Contour join_contours(std::vector<Contour> contours) {
    return join_lines(std::move(contours));
}

}  // namespace yolovino::vision
