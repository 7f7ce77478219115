#include "vision/label_outline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "base/fail.hpp"
#include "vision/join_lines.hpp"
#include "vision/mask_resizer.hpp"
#include "vision/region.hpp"

namespace yolovino::vision {

namespace {

constexpr int kQuarter = 4;

/// `count` values from 0 to `last` at equal distances, as numpy's linspace computes them.
std::vector<double> steps_to(double last, std::size_t count) {
    std::vector<double> steps(count, 0.0);
    if (count < 2) return steps;
    const double step = last / static_cast<double>(count - 1);
    for (std::size_t i = 0; i < count; ++i) steps[i] = static_cast<double>(i) * step;
    steps.back() = last;
    return steps;
}

/// Where points lie along the outline, counted in vertices.
std::vector<double> places_of(std::size_t vertices, std::size_t count) {
    const auto last = static_cast<double>(vertices);
    if (vertices + 1 >= count) return steps_to(last, count);
    const std::vector<double> between = steps_to(last, count - (vertices + 1));
    std::vector<double> whole(vertices + 1);
    for (std::size_t i = 0; i <= vertices; ++i) whole[i] = static_cast<double>(i);
    std::vector<double> places;
    places.reserve(count);
    std::ranges::merge(between, whole, std::back_inserter(places));
    return places;
}

/// The value between those of two vertices, in double as numpy's interp computes it.
float between(float first, float second, double share) {
    const auto from = static_cast<double>(first);
    return static_cast<float>((static_cast<double>(second) - from) * share + from);
}

std::vector<cv::Point> truncated(std::span<const Point> outline) {
    std::vector<cv::Point> corners;
    corners.reserve(outline.size());
    const float far = 1 << 20;  // beyond every canvas
    const auto place = [far](float value) { return static_cast<int>(std::clamp(value, -far, far)); };
    for (const Point& point : outline) corners.emplace_back(place(point.x), place(point.y));
    return corners;
}

/// The part of the canvas that an outline touches, its borders multiples of four; the whole canvas if that is no
/// multiple.
cv::Rect window_of(const std::vector<cv::Point>& corners, ImageSize canvas) {
    const cv::Rect whole(0, 0, canvas.width, canvas.height);
    if (canvas.height % kQuarter != 0 || canvas.width % kQuarter != 0) return whole;
    const cv::Rect touched = cv::boundingRect(corners) & whole;
    if (touched.empty()) return {};
    const int left = touched.x / kQuarter * kQuarter;
    const int top = touched.y / kQuarter * kQuarter;
    const auto up = [](int value) { return (value + kQuarter - 1) / kQuarter * kQuarter; };
    return {left, top, up(touched.br().x) - left, up(touched.br().y) - top};
}

void set_bits(const cv::Mat& bytes, Masks::Instance& mask) {
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    mask.bits.assign(words * static_cast<std::size_t>(mask.height), 0);
    for (int y = 0; y < mask.height; ++y) {
        const std::uint8_t* row = bytes.ptr<std::uint8_t>(y);
        std::uint64_t* bits = mask.bits.data() + words * static_cast<std::size_t>(y);
        for (int x = 0; x < mask.width; ++x) {
            const auto bit = static_cast<std::size_t>(x);
            bits[bit / 64] |= static_cast<std::uint64_t>(row[x] != 0 ? 1U : 0U) << (bit % 64);
        }
    }
}

}  // namespace

std::vector<Corner> join_polygons(std::vector<std::vector<Corner>> polygons) {
    return join_lines(std::move(polygons));
}

std::vector<Point> resampled(std::span<const Point> outline, std::size_t count) {
    if (outline.size() == count) return {outline.begin(), outline.end()};
    std::vector<Point> points;
    points.reserve(count);
    for (const double place : places_of(outline.size(), count)) {
        const auto first = std::min(static_cast<std::size_t>(place), outline.size());
        const Point& from = outline[first % outline.size()];
        const Point& to = outline[(first + 1) % outline.size()];
        const double share = place - static_cast<double>(first);
        points.push_back({between(from.x, to.x, share), between(from.y, to.y, share)});
    }
    return points;
}

Masks::Instance quarter_mask(std::span<const Point> outline, ImageSize canvas) {
    return base::translate(ErrorCode::RuntimeFailure, "val", "filling an outline failed", [&] {
        std::vector<cv::Point> corners = truncated(outline);
        const cv::Rect window = window_of(corners, canvas);
        Masks::Instance mask;
        if (window.height < kQuarter || window.width < kQuarter) return mask;
        for (cv::Point& corner : corners) corner -= window.tl();
        cv::Mat filled = cv::Mat::zeros(window.size(), CV_8UC1);
        cv::fillPoly(filled, std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(1));
        mask.top = window.y / kQuarter;
        mask.left = window.x / kQuarter;
        mask.height = window.height / kQuarter;
        mask.width = window.width / kQuarter;
        cv::Mat reduced;
        cv::resize(filled, reduced, cv::Size(mask.width, mask.height), 0, 0, cv::INTER_LINEAR);
        set_bits(reduced, mask);
        return mask;
    });
}

Masks::Instance enlarged_four_times(const Masks::Instance& mask, ImageSize grid) {
    constexpr float kHalf = 0.5F;
    const ImageSize size{grid.height * kQuarter, grid.width * kQuarter};
    return MaskResizer(Region{0, 0, grid.height, grid.width}, size).resize(mask, kHalf);
}

RotatedBox smallest_rotated_box(std::span<const Point> points) {
    return base::translate(ErrorCode::RuntimeFailure, "val", "the smallest box cannot be found", [&] {
        std::vector<cv::Point2f> corners;
        for (const Point& point : points) corners.emplace_back(point.x, point.y);
        const cv::RotatedRect rectangle = cv::minAreaRect(corners);
        constexpr double kPi = std::numbers::pi;
        double angle = static_cast<double>(rectangle.angle) / 180 * kPi;
        float width = rectangle.size.width;
        float height = rectangle.size.height;
        if (width < height) {
            std::swap(width, height);
            angle += kPi / 2;
        }
        while (angle >= 3 * kPi / 4) angle -= kPi;
        while (angle < -kPi / 4) angle += kPi;
        return RotatedBox{rectangle.center.x, rectangle.center.y, width, height, static_cast<float>(angle), 0, 0};
    });
}

}  // namespace yolovino::vision
