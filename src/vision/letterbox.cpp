#include "vision/letterbox.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "base/fail.hpp"
#include "vision/planes.hpp"

namespace yolovino::vision {

namespace {

/// Python's round(): half to even, which is the default rounding mode of nearbyint.
int round_half_even(double value) {
    return static_cast<int>(std::nearbyint(value));
}

double gain_of(ImageSize source, ImageSize canvas) {
    return std::min(static_cast<double>(canvas.height) / source.height,
                    static_cast<double>(canvas.width) / source.width);
}

/// Width of the border before the image; the -0.1 gives the odd pixel to the border behind it.
int leading_border(int border) {
    return round_half_even(border / 2.0 - 0.1);
}

LetterboxGeometry place(ImageSize source, ImageSize target) {
    if (source.height <= 0 || source.width <= 0 || target.height <= 0 || target.width <= 0) {
        throw Error(ErrorCode::InvalidArgument, "image",
                    fmt::format("letterbox of {}x{} to {}x{}, wanted positive dimensions", source.height, source.width,
                                target.height, target.width));
    }
    LetterboxGeometry geometry;
    geometry.source = source;
    geometry.canvas = target;
    geometry.gain = gain_of(source, target);
    // An image that is far longer than wide would otherwise round to nothing
    geometry.resized.height = std::clamp(round_half_even(source.height * geometry.gain), 1, target.height);
    geometry.resized.width = std::clamp(round_half_even(source.width * geometry.gain), 1, target.width);
    return geometry;
}

void centre(LetterboxGeometry& geometry) {
    geometry.top_px = leading_border(geometry.canvas.height - geometry.resized.height);
    geometry.left_px = leading_border(geometry.canvas.width - geometry.resized.width);
}

void check_source(const Image& image, const LetterboxGeometry& geometry) {
    if (image.size() != geometry.source || image.empty()) {
        throw Error(ErrorCode::ShapeMismatch, "image",
                    fmt::format("image of {}x{}, the letterbox was made for {}x{}", image.height(), image.width(),
                                geometry.source.height, geometry.source.width));
    }
}

/// A matrix that borrows the image's pixels. OpenCV's interface has no const; sources are only read.
cv::Mat borrow(const Image& image) {
    return {image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.data()), image.stride_bytes()};
}

void resize_into(const Image& image, cv::Mat& resized) {
    base::translate(ErrorCode::RuntimeFailure, "image", "resizing failed",
                    [&] { cv::resize(borrow(image), resized, resized.size(), 0, 0, cv::INTER_LINEAR); });
}

/// Fills the border of one plane of the tensor.
void fill_border(float* plane, const LetterboxGeometry& g) {
    constexpr float kPad = static_cast<float>(kPadValue) / 255.0F;
    const auto width = static_cast<std::size_t>(g.canvas.width);
    const auto left = static_cast<std::size_t>(g.left_px);
    const std::size_t right = width - left - static_cast<std::size_t>(g.resized.width);
    const auto top = static_cast<std::size_t>(g.top_px);
    const std::size_t bottom = top + static_cast<std::size_t>(g.resized.height);
    std::fill_n(plane, top * width, kPad);
    std::fill_n(plane + bottom * width, (static_cast<std::size_t>(g.canvas.height) - bottom) * width, kPad);
    for (std::size_t y = top; y < bottom; ++y) {
        std::fill_n(plane + y * width, left, kPad);
        std::fill_n(plane + (y + 1) * width - right, right, kPad);
    }
}

}  // namespace

LetterboxGeometry LetterboxGeometry::fit(ImageSize source, ImageSize target) {
    LetterboxGeometry geometry = place(source, target);
    centre(geometry);
    return geometry;
}

LetterboxGeometry LetterboxGeometry::fit_minimal(ImageSize source, ImageSize target, int stride) {
    if (stride <= 0)
        throw Error(ErrorCode::InvalidArgument, "image", fmt::format("stride {}, wanted a positive one", stride));
    LetterboxGeometry geometry = place(source, target);
    geometry.canvas.height = geometry.resized.height + (target.height - geometry.resized.height) % stride;
    geometry.canvas.width = geometry.resized.width + (target.width - geometry.resized.width) % stride;
    centre(geometry);
    return geometry;
}

LetterboxGeometry LetterboxGeometry::fit_loaded(ImageSize source, ImageSize imgsz, ImageSize canvas) {
    LetterboxGeometry geometry = place(source, imgsz);
    const auto scaled = [&](int side, int limit) {
        return std::clamp(static_cast<int>(std::ceil(side * geometry.gain)), 1, limit);
    };
    geometry.resized = {scaled(source.height, imgsz.height), scaled(source.width, imgsz.width)};
    geometry.canvas = canvas;
    // Rectangles of a batch fit its images, so that this changes nothing unless a canvas was made for others.
    if (geometry.resized.height > canvas.height || geometry.resized.width > canvas.width) {
        const double shrink = gain_of(geometry.resized, canvas);
        geometry.resized.height = std::clamp(round_half_even(geometry.resized.height * shrink), 1, canvas.height);
        geometry.resized.width = std::clamp(round_half_even(geometry.resized.width * shrink), 1, canvas.width);
    }
    geometry.exact_inverse = true;
    centre(geometry);
    return geometry;
}

ModelBox LetterboxGeometry::to_model(float cx, float cy, float width, float height) const {
    const auto resized_w = static_cast<float>(resized.width);
    const auto resized_h = static_cast<float>(resized.height);
    const auto left = static_cast<float>(left_px);
    const auto top = static_cast<float>(top_px);
    return {(cx - width / 2) * resized_w + left, (cy - height / 2) * resized_h + top,
            (cx + width / 2) * resized_w + left, (cy + height / 2) * resized_h + top};
}

LetterboxInverse LetterboxGeometry::inverse() const {
    const auto source_w = static_cast<double>(source.width);
    const auto source_h = static_cast<double>(source.height);
    if (exact_inverse) {
        return {static_cast<float>(left_px), static_cast<float>(top_px), static_cast<float>(resized.width / source_w),
                static_cast<float>(resized.height / source_h)};
    }
    // Ultralytics derives gain and borders anew from the canvas. For a minimal canvas they can differ a little from the
    // forward ones, and results are compared with its own. Since 8.4 each axis has the gain that the rounded side
    // really got.
    const double back = gain_of(source, canvas);
    const int inner_w = std::max(round_half_even(source.width * back), 1);
    const int inner_h = std::max(round_half_even(source.height * back), 1);
    return {static_cast<float>(leading_border(canvas.width - inner_w)),
            static_cast<float>(leading_border(canvas.height - inner_h)), static_cast<float>(inner_w / source_w),
            static_cast<float>(inner_h / source_h)};
}

Point LetterboxInverse::to_image(const Point& point) const {
    return {(point.x - pad_x) / gain_x, (point.y - pad_y) / gain_y};
}

Box LetterboxGeometry::to_image(const ModelBox& box) const {
    const LetterboxInverse back = inverse();
    const Point first = back.to_image({box.x1, box.y1});
    const Point second = back.to_image({box.x2, box.y2});
    const auto right = static_cast<float>(source.width);
    const auto bottom = static_cast<float>(source.height);
    Box out;
    out.x1 = std::clamp(first.x, 0.0F, right);
    out.y1 = std::clamp(first.y, 0.0F, bottom);
    out.x2 = std::clamp(second.x, 0.0F, right);
    out.y2 = std::clamp(second.y, 0.0F, bottom);
    return out;
}

Image letterbox(const Image& image, const LetterboxGeometry& geometry) {
    check_source(image, geometry);
    Image out(geometry.canvas.height, geometry.canvas.width);
    if (geometry.resized != geometry.canvas) std::memset(out.data(), kPadValue, out.size_bytes());
    cv::Mat field =
        borrow(out)(cv::Rect(geometry.left_px, geometry.top_px, geometry.resized.width, geometry.resized.height));
    if (geometry.resized == geometry.source) {
        borrow(image).copyTo(field);
    } else {
        resize_into(image, field);
    }
    return out;
}

void letterbox_to_tensor(const Image& image, const LetterboxGeometry& geometry, std::span<float> tensor) {
    check_source(image, geometry);
    const std::size_t plane =
        static_cast<std::size_t>(geometry.canvas.height) * static_cast<std::size_t>(geometry.canvas.width);
    if (tensor.size() != 3 * plane) {
        throw Error(ErrorCode::ShapeMismatch, "image",
                    fmt::format("tensor of {} elements, the letterbox has {}", tensor.size(), 3 * plane));
    }
    const auto width = static_cast<std::size_t>(geometry.resized.width);
    const auto height = static_cast<std::size_t>(geometry.resized.height);
    const std::uint8_t* pixels = image.data();
    if (geometry.resized != geometry.source) {
        thread_local std::vector<std::uint8_t> scratch;
        scratch.resize(3 * width * height);
        cv::Mat resized(geometry.resized.height, geometry.resized.width, CV_8UC3, scratch.data());
        resize_into(image, resized);
        pixels = resized.data;
    }
    for (std::size_t channel = 0; channel < 3; ++channel) fill_border(tensor.data() + channel * plane, geometry);
    const auto canvas_width = static_cast<std::size_t>(geometry.canvas.width);
    float* to = tensor.data() + static_cast<std::size_t>(geometry.top_px) * canvas_width +
                static_cast<std::size_t>(geometry.left_px);
    for (std::size_t y = 0; y < height; ++y, to += canvas_width) {
        row_to_planes(pixels + y * width * 3, width, to, to + plane, to + 2 * plane);
    }
}

}  // namespace yolovino::vision
