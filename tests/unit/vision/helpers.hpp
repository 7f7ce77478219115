#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/image.hpp"

#include "support/shared.hpp"

namespace yolovino::test {

using Bytes = std::vector<std::byte>;

inline Bytes to_bytes(const std::vector<std::uint8_t>& values) {
    Bytes bytes(values.size());
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), values.size());
    return bytes;
}

inline cv::Mat as_matrix(const Image& image) {
    return cv::Mat(image.height(), image.width(), CV_8UC3, const_cast<std::uint8_t*>(image.data())).clone();
}

inline Image from_matrix(const cv::Mat& pixels) {
    return Image(ImageView{pixels.data, pixels.rows, pixels.cols, pixels.step[0], PixelFormat::Bgr});
}

inline bool same(const Image& image, const cv::Mat& pixels) {
    return !image.empty() && image.height() == pixels.rows && image.width() == pixels.cols && pixels.isContinuous() &&
           std::memcmp(image.data(), pixels.data, image.size_bytes()) == 0;
}

inline bool same(const Image& a, const Image& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// What OpenCV makes of an encoded image.
inline cv::Mat reference_decode(const Bytes& encoded) {
    std::vector<std::uint8_t> bytes(encoded.size());
    std::memcpy(bytes.data(), encoded.data(), encoded.size());
    return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

/// Smooth colours with some noise, so that no orientation, channel order, or shift leaves it as it is.
inline Image sample_image(int height, int width, unsigned seed = 1) {
    std::mt19937 random(seed);
    Image image(height, width);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            std::uint8_t* pixel = image.row(y) + x * 3;
            pixel[0] = static_cast<std::uint8_t>(x * 200 / width + static_cast<int>(random() % 16));
            pixel[1] = static_cast<std::uint8_t>(y * 200 / height + static_cast<int>(random() % 16));
            pixel[2] =
                static_cast<std::uint8_t>((x + 2 * y) * 100 / (width + 2 * height) + static_cast<int>(random() % 16));
        }
    }
    return image;
}

/// The 131 photos of the reference data.
inline std::vector<std::filesystem::path> photos() {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"data/images", "data/coco128/images/train2017"}) {
        for (const auto& entry : std::filesystem::directory_iterator(shared_dir() / folder)) {
            if (entry.path().extension() == ".jpg") files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

/// The code of the Error that `body` throws; fails if it throws none.
template <typename Body>
ErrorCode code_of(Body&& body) {
    try {
        body();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
        return error.code();
    }
    throw std::runtime_error("no Error was thrown");
}

}  // namespace yolovino::test
