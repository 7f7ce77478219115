#include "vision/letterbox.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "base/fail.hpp"

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

/// Width of the border before the picture; the -0.1 gives the odd pixel to the border behind it.
int leading_border(int border) {
    return round_half_even(border / 2.0 - 0.1);
}

LetterboxGeometry place(ImageSize source, ImageSize target) {
    if (source.height <= 0 || source.width <= 0 || target.height <= 0 || target.width <= 0) {
        throw Error(ErrorCode::InvalidArgument, "image",
                    fmt::format("letterbox of {}x{} to {}x{}, wanted positive sides", source.height, source.width,
                                target.height, target.width));
    }
    LetterboxGeometry geometry;
    geometry.source = source;
    geometry.canvas = target;
    geometry.gain = gain_of(source, target);
    // A picture that is far longer than wide would otherwise round to nothing
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
                    fmt::format("picture of {}x{}, the letterbox was made for {}x{}", image.height(), image.width(),
                                geometry.source.height, geometry.source.width));
    }
}

/// A matrix that borrows the picture's pixels. OpenCV's interface knows no const; sources are only read.
cv::Mat borrow(const Image& image) {
    return {image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.data()), image.stride_bytes()};
}

void resize_into(const Image& image, cv::Mat& resized) {
    base::translate(ErrorCode::RuntimeFailure, "image", "resizing failed",
                    [&] { cv::resize(borrow(image), resized, resized.size(), 0, 0, cv::INTER_LINEAR); });
}

/// Spreads one row of BGR pixels over three rows of floats, 0 to 1. The exact quotient: a product with 1/255 can differ
/// in its last bit. With AVX2 this runs at the speed of the memory, four times as fast as with the instructions every
/// x86-64 has.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx2", "default")))
#endif
void row_to_planes(const std::uint8_t* __restrict row, std::size_t width, float* __restrict red, float* __restrict green,
                   float* __restrict blue) {
    for (std::size_t x = 0; x < width; ++x) {
        blue[x] = static_cast<float>(row[3 * x]) / 255.0F;
        green[x] = static_cast<float>(row[3 * x + 1]) / 255.0F;
        red[x] = static_cast<float>(row[3 * x + 2]) / 255.0F;
    }
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
    // Rectangles of a batch fit its pictures, so that this changes nothing unless a canvas was made for others.
    if (geometry.resized.height > canvas.height || geometry.resized.width > canvas.width) {
        const double shrink = gain_of(geometry.resized, canvas);
        geometry.resized.height = std::clamp(round_half_even(geometry.resized.height * shrink), 1, canvas.height);
        geometry.resized.width = std::clamp(round_half_even(geometry.resized.width * shrink), 1, canvas.width);
    }
    geometry.back_as_laid = true;
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

Box LetterboxGeometry::to_image(const ModelBox& box) const {
    // Ultralytics derives gain and borders anew from the canvas. For a minimal canvas they can differ a little from the
    // forward ones, and results are compared with its own. Since 8.4 each axis has the gain that the rounded side
    // really got.
    const double back = gain_of(source, canvas);
    const auto along = [back](int source_side, int canvas_side) {
        const int inner = std::max(round_half_even(source_side * back), 1);
        return std::pair(static_cast<float>(leading_border(canvas_side - inner)),
                         static_cast<float>(static_cast<double>(inner) / source_side));
    };
    const auto as_laid = [](int before, int resized_side, int source_side) {
        return std::pair(static_cast<float>(before),
                         static_cast<float>(static_cast<double>(resized_side) / source_side));
    };
    const auto [pad_x, gain_x] =
        back_as_laid ? as_laid(left_px, resized.width, source.width) : along(source.width, canvas.width);
    const auto [pad_y, gain_y] =
        back_as_laid ? as_laid(top_px, resized.height, source.height) : along(source.height, canvas.height);
    const auto right = static_cast<float>(source.width);
    const auto bottom = static_cast<float>(source.height);
    Box out;
    out.x1 = std::clamp((box.x1 - pad_x) / gain_x, 0.0F, right);
    out.y1 = std::clamp((box.y1 - pad_y) / gain_y, 0.0F, bottom);
    out.x2 = std::clamp((box.x2 - pad_x) / gain_x, 0.0F, right);
    out.y2 = std::clamp((box.y2 - pad_y) / gain_y, 0.0F, bottom);
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
