#include "vision/draw.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "vision/label.hpp"
#include "vision/palette.hpp"
#include "vision/text.hpp"

namespace yolovino::vision {

namespace {

constexpr std::uint32_t kNavy = 0x111F68;
constexpr std::uint32_t kWhite = 0xFFFFFF;
constexpr int kTextPad = 3;

cv::Scalar bgr(std::uint32_t rgb) {
    return {double(rgb & 0xFFU), double((rgb >> 8U) & 0xFFU), double((rgb >> 16U) & 0xFFU)};
}

struct Pen {
    int line_width;
    double font_scale;
    int text_thickness;
};

Pen pen_for(const Image& image, const PlotArgs& args) {
    const int width = line_width_of(image, args);
    return {width, width / 3.0, std::max(width - 1, 1)};
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The label in outlines if the stroke font lacks a character of it; nothing if it does not.
std::optional<TextMask> outlined_label(const std::string& label, const cv::Mat& canvas) {
    return is_ascii(label) ? std::nullopt : outlined(label, label_size_px({canvas.rows, canvas.cols}));
}

/// @tparam Object with a class, a score, and an id
template <typename Object>
std::string label_of(const Object& object, const ClassNames& names, const PlotArgs& args) {
    std::string score = args.conf ? fmt::format("{:.2f}", object.conf) : std::string();
    if (!args.labels) return score;
    const auto index = static_cast<std::size_t>(object.cls);
    std::string name = object.cls >= 0 && index < names.size() ? names[index] : std::to_string(object.cls);
    if (object.id) name = fmt::format("id:{} {}", *object.id, name);
    return score.empty() ? name : name + " " + score;
}

/// Fills the field of a label of this size at a corner of a box, and returns its upper left pixel. The field lies above
/// the corner where there is room, and is shifted left to stay in the image.
cv::Point draw_field(cv::Mat& canvas, cv::Point corner, cv::Size field, const PaletteEntry& color) {
    const bool above = corner.y >= field.height;
    corner.x = std::min(corner.x, canvas.cols - field.width);
    const cv::Point opposite(corner.x + field.width, above ? corner.y - field.height : corner.y + field.height);
    cv::rectangle(canvas, corner, opposite, bgr(color.rgb), cv::FILLED, cv::LINE_AA);
    return {corner.x, std::min(corner.y, opposite.y)};
}

void draw_label(cv::Mat& canvas, cv::Point corner, const std::string& label, const PaletteEntry& color,
                const Pen& pen) {
    const cv::Scalar ink = bgr(color.dark_text ? kNavy : kWhite);
    if (const auto mask = outlined_label(label, canvas)) {
        blend(canvas, *mask, draw_field(canvas, corner, {mask->width, mask->height}, color), ink);
        return;
    }
    const std::string ascii = to_ascii(label);
    int baseline = 0;
    const cv::Size text =
        cv::getTextSize(ascii, cv::FONT_HERSHEY_SIMPLEX, pen.font_scale, pen.text_thickness, &baseline);
    const int height = text.height + kTextPad;
    const bool above = corner.y >= height;
    const cv::Point field = draw_field(canvas, corner, {text.width, height}, color);
    const cv::Point start(field.x, field.y + height - (above ? 2 : 1));
    cv::putText(canvas, ascii, start, cv::FONT_HERSHEY_SIMPLEX, pen.font_scale, ink, pen.text_thickness, cv::LINE_AA);
}

void draw_one(cv::Mat& canvas, const Box& box, const std::string& label, const Pen& pen) {
    const PaletteEntry& color = palette_entry(box.cls);
    const cv::Point corner(to_pixel(box.x1), to_pixel(box.y1));
    const cv::Point opposite(to_pixel(box.x2), to_pixel(box.y2));
    cv::rectangle(canvas, corner, opposite, bgr(color.rgb), pen.line_width, cv::LINE_AA);
    if (!label.empty()) draw_label(canvas, corner, label, color, pen);
}

void draw_one(cv::Mat& canvas, const RotatedBox& box, const std::string& label, const Pen& pen) {
    const PaletteEntry& color = palette_entry(box.cls);
    std::vector<cv::Point> outline;
    for (const Point& corner : box.corners()) outline.emplace_back(to_pixel(corner.x), to_pixel(corner.y));
    cv::polylines(canvas, outline, true, bgr(color.rgb), pen.line_width);
    if (!label.empty()) draw_label(canvas, outline.front(), label, color, pen);
}

/// Lowest score first; what is tracked from the last to the first, since a tracker has an order of its own.
template <typename Object>
void draw_all(Image& image, std::span<const Object> objects, const ClassNames& names, const PlotArgs& args) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no image to draw on");
    if (!args.boxes) return;
    std::vector<std::size_t> order(objects.size());
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    const bool tracked = std::ranges::any_of(objects, [](const Object& each) { return each.id.has_value(); });
    if (!tracked) {
        std::ranges::stable_sort(order,
                                 [&](std::size_t a, std::size_t b) { return objects[a].conf < objects[b].conf; });
    }
    const Pen pen = pen_for(image, args);
    cv::Mat canvas(image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes());
    base::translate(ErrorCode::RuntimeFailure, "image", "drawing failed", [&] {
        for (const std::size_t index : order)
            draw_one(canvas, objects[index], label_of(objects[index], names, args), pen);
    });
}

}  // namespace

int to_pixel(float value) {
    constexpr float kFar = 1 << 20;
    return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, -kFar, kFar));
}

int line_width_of(const Image& image, const PlotArgs& args) {
    constexpr int kMaxLineWidth = 1000;
    const double from_size = std::nearbyint((image.height() + image.width() + 3) / 2.0 * 0.003);
    if (args.line_width && *args.line_width > 0) return std::min(*args.line_width, kMaxLineWidth);
    return std::max(static_cast<int>(from_size), 2);
}

void draw_detections(Image& image, std::span<const Box> boxes, const ClassNames& names, const PlotArgs& args) {
    draw_all(image, boxes, names, args);
}

void draw_rotated_boxes(Image& image, std::span<const RotatedBox> boxes, const ClassNames& names,
                        const PlotArgs& args) {
    draw_all(image, boxes, names, args);
}

void draw_caption(Image& image, const Region& region, std::string_view text) {
    constexpr double kScale = 0.45;
    constexpr int kThickness = 1;
    const auto width_of = [](const std::string& line) {
        int baseline = 0;
        return cv::getTextSize(line, cv::FONT_HERSHEY_SIMPLEX, kScale, kThickness, &baseline).width;
    };
    const cv::Rect inside =
        cv::Rect(region.left, region.top, region.width, region.height) & cv::Rect(0, 0, image.width(), image.height());
    base::translate(ErrorCode::RuntimeFailure, "image", "drawing failed", [&] {
        if (inside.empty()) return;
        std::string whole = to_ascii(text.substr(0, 256));
        std::string line = whole;
        while (!whole.empty() && width_of(line) > inside.width) {
            whole.pop_back();
            line = whole + "...";
        }
        const cv::Mat canvas(image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes());
        cv::Mat part = canvas(inside);
        const cv::Point start(1, inside.height / 2 + 5);
        cv::putText(part, line, start, cv::FONT_HERSHEY_SIMPLEX, kScale, {60, 60, 60}, kThickness, cv::LINE_AA);
    });
}

}  // namespace yolovino::vision
