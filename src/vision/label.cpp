#include "vision/label.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <opencv2/imgproc.hpp>

#include "yolovino/error.hpp"

#include "base/log.hpp"

namespace yolovino::vision {

std::string to_ascii(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) == 0x80U) continue;
        out += byte < 0x20 || byte >= 0x7F ? '?' : c;
    }
    return out;
}

int label_size_px(ImageSize size) {
    return std::max(static_cast<int>(std::nearbyint((size.width + size.height) / 2.0 * 0.035)), 12);
}

std::optional<TextMask> outlined(std::string_view text, int size_px) {
    try {
        return render_text(text, size_px);
    } catch (const Error& error) {
        static std::once_flag once;
        std::call_once(once, [&] { base::warn("labels are drawn in ASCII only: {}", error.what()); });
        return std::nullopt;
    }
}

TextMask any_text(std::string_view text, int size_px) {
    if (std::optional<TextMask> mask = outlined(text, size_px)) return *std::move(mask);
    constexpr double kStrokesPx = 30;  // height of OpenCV's font with what lies below the base line
    const double scale = size_px / kStrokesPx;
    const int thickness = std::max(size_px / 20, 1);
    const std::string ascii = to_ascii(text.substr(0, 256));
    int below = 0;
    const cv::Size size = cv::getTextSize(ascii, cv::FONT_HERSHEY_SIMPLEX, scale, thickness, &below);
    TextMask mask{size.height + below, size.width, {}};
    mask.coverage.resize(static_cast<std::size_t>(mask.height) * static_cast<std::size_t>(mask.width));
    cv::Mat strokes(mask.height, mask.width, CV_8UC1, mask.coverage.data());
    cv::putText(strokes, ascii, {0, size.height}, cv::FONT_HERSHEY_SIMPLEX, scale, {255}, thickness, cv::LINE_AA);
    return mask;
}

void blend(cv::Mat& canvas, const TextMask& text, cv::Point at, const cv::Scalar& ink) {
    for (int y = std::max(0, -at.y); y < std::min(text.height, canvas.rows - at.y); ++y) {
        for (int x = std::max(0, -at.x); x < std::min(text.width, canvas.cols - at.x); ++x) {
            const double share = text.at(y, x) / 255.0;
            auto& pixel = canvas.at<cv::Vec3b>(at.y + y, at.x + x);
            for (int c = 0; c < 3; ++c)
                pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] + share * (ink[c] - pixel[c]));
        }
    }
}

}  // namespace yolovino::vision
