#include "vision/draw.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "base/fail.hpp"

namespace yolovino::vision {

namespace {

struct PaletteEntry {
    std::uint32_t rgb;
    bool dark_text;  ///< the field is light, so the text on it is navy instead of white
};

constexpr std::array<PaletteEntry, 20> kPalette = {{
    {0x042AFF, false}, {0x0BDBEB, true},  {0xF3F3F3, true},  {0x00DFB7, true},  {0x111F68, false},
    {0xFF6FDD, true},  {0xFF444F, false}, {0xCCED00, true},  {0x00F344, true},  {0xBD00FF, false},
    {0x00B4FF, false}, {0xDD00BA, false}, {0x00FFFF, true},  {0x26C000, false}, {0x01FFB3, true},
    {0x7D24FF, false}, {0x7B0068, false}, {0xFF1B6C, false}, {0xFC6D2F, false}, {0xA2FF0B, true},
}};
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
    constexpr int kMaxLineWidth = 1000;
    const double from_size = std::nearbyint((image.height() + image.width() + 3) / 2.0 * 0.003);
    int width = std::max(static_cast<int>(from_size), 2);
    if (args.line_width && *args.line_width > 0) width = std::min(*args.line_width, kMaxLineWidth);
    return {width, width / 3.0, std::max(width - 1, 1)};
}

/// Cuts the fraction off, as Python's int(); far outside of any picture the exact place does not matter.
int to_pixel(float value) {
    constexpr float kFar = 1 << 20;
    return std::isnan(value) ? 0 : static_cast<int>(std::clamp(value, -kFar, kFar));
}

/// OpenCV's stroke font has only ASCII and would draw one '?' for each byte of any other character.
std::string drawable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) == 0x80U) continue;
        out += byte < 0x20 || byte >= 0x7F ? '?' : c;
    }
    return out;
}

std::string label_of(const Box& box, const ClassNames& names, const PlotArgs& args) {
    const std::string score = args.conf ? fmt::format("{:.2f}", box.conf) : std::string();
    if (!args.labels) return score;
    const auto index = static_cast<std::size_t>(box.cls);
    std::string name = box.cls >= 0 && index < names.size() ? drawable(names[index]) : std::to_string(box.cls);
    return score.empty() ? name : name + " " + score;
}

void draw_label(cv::Mat& canvas, cv::Point corner, const std::string& label, const PaletteEntry& color,
                const Pen& pen) {
    int baseline = 0;
    const cv::Size text =
        cv::getTextSize(label, cv::FONT_HERSHEY_SIMPLEX, pen.font_scale, pen.text_thickness, &baseline);
    const int height = text.height + kTextPad;
    const bool above = corner.y >= height;
    corner.x = std::min(corner.x, canvas.cols - text.width);
    const cv::Point opposite(corner.x + text.width, above ? corner.y - height : corner.y + height);
    cv::rectangle(canvas, corner, opposite, bgr(color.rgb), cv::FILLED, cv::LINE_AA);
    const cv::Point start(corner.x, above ? corner.y - 2 : corner.y + height - 1);
    cv::putText(canvas, label, start, cv::FONT_HERSHEY_SIMPLEX, pen.font_scale, bgr(color.dark_text ? kNavy : kWhite),
                pen.text_thickness, cv::LINE_AA);
}

void draw_one(cv::Mat& canvas, const Box& box, const std::string& label, const Pen& pen) {
    constexpr int kCount = static_cast<int>(kPalette.size());
    const PaletteEntry& color = kPalette[static_cast<std::size_t>(((box.cls % kCount) + kCount) % kCount)];
    const cv::Point corner(to_pixel(box.x1), to_pixel(box.y1));
    const cv::Point opposite(to_pixel(box.x2), to_pixel(box.y2));
    cv::rectangle(canvas, corner, opposite, bgr(color.rgb), pen.line_width, cv::LINE_AA);
    if (!label.empty()) draw_label(canvas, corner, label, color, pen);
}

}  // namespace

void draw_detections(Image& image, std::span<const Box> boxes, const ClassNames& names, const PlotArgs& args) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no picture to draw on");
    if (!args.boxes) return;
    std::vector<std::size_t> order(boxes.size());
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return boxes[a].conf < boxes[b].conf; });
    const Pen pen = pen_for(image, args);
    cv::Mat canvas(image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes());
    base::translate(ErrorCode::RuntimeFailure, "image", "drawing failed", [&] {
        for (const std::size_t index : order) draw_one(canvas, boxes[index], label_of(boxes[index], names, args), pen);
    });
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
        std::string whole = drawable(text.substr(0, 256));
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
