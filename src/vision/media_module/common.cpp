#include "vision/media_module/common.hpp"

#include <opencv2/imgproc.hpp>

namespace yolovino::vision::module {

std::optional<Image> to_image(const cv::Mat& pixels) {
    if (pixels.empty() || pixels.dims != 2) return std::nullopt;
    cv::Mat bytes = pixels;
    if (pixels.depth() == CV_16U) pixels.convertTo(bytes, CV_8U, 1.0 / 256);
    if (bytes.depth() != CV_8U) return std::nullopt;
    ImageView view{bytes.data, bytes.rows, bytes.cols, bytes.step[0], PixelFormat::Bgr};
    switch (bytes.channels()) {
        case 1:
            view.format = PixelFormat::Gray;
            break;
        case 3:
            break;
        case 4:
            view.format = PixelFormat::Bgra;
            break;
        default:
            return std::nullopt;
    }
    return Image(view);
}

cv::Mat borrow(Image& image) {
    return {image.height(), image.width(), CV_8UC3, image.data(), image.stride_bytes()};
}

cv::Mat borrow_for_reading(const Image& image) {
    // OpenCV's interface has no const; its callers here only read
    return {image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.data()), image.stride_bytes()};
}

}  // namespace yolovino::vision::module
