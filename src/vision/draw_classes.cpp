#include "vision/draw_classes.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "base/fail.hpp"
#include "vision/label.hpp"
#include "vision/text.hpp"

namespace yolovino::vision {

namespace {

constexpr double kFieldShare = 128.0 / 255;  // of the field in what is seen

void shade(cv::Mat& canvas, const cv::Rect& field) {
    constexpr double kGray = 64;
    const cv::Rect inside = field & cv::Rect(0, 0, canvas.cols, canvas.rows);
    for (int y = inside.y; y < inside.y + inside.height; ++y) {
        for (int x = inside.x; x < inside.x + inside.width; ++x) {
            auto& pixel = canvas.at<cv::Vec3b>(y, x);
            for (int c = 0; c < 3; ++c)
                pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] + kFieldShare * (kGray - pixel[c]));
        }
    }
}

}  // namespace

void draw_classes(Image& image, std::span<const std::string> lines) {
    if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no image to draw on");
    const int margin = static_cast<int>(std::nearbyint(0.03 * image.height()));
    cv::Mat canvas(image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes());
    base::translate(ErrorCode::RuntimeFailure, "image", "drawing failed", [&] {
        int top = margin;
        for (const std::string& line : lines) {
            const TextMask text = any_text(line, label_size_px(image.size()));
            shade(canvas, {margin, top, text.width + 1, text.height + 1});
            blend(canvas, text, {margin, top}, {255, 255, 255});
            top += text.height;
        }
    });
}

}  // namespace yolovino::vision
