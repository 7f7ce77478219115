#include "vision/letterbox.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "helpers.hpp"
#include "support/npy.hpp"
#include "vision/decode.hpp"

namespace yolovino::vision {
namespace {

using test::photos;
using test::same;

/// Written apart from the library, from the description of Ultralytics' LetterBox.
cv::Mat reference_letterbox(const cv::Mat& image, cv::Size target, int stride) {
    const double r = std::min(double(target.height) / image.rows, double(target.width) / image.cols);
    const cv::Size unpadded(int(std::nearbyint(image.cols * r)), int(std::nearbyint(image.rows * r)));
    double dw = target.width - unpadded.width;
    double dh = target.height - unpadded.height;
    if (stride > 0) {
        dw = std::fmod(dw, stride);
        dh = std::fmod(dh, stride);
    }
    dw /= 2;
    dh /= 2;
    cv::Mat resized = image;
    if (image.size() != unpadded) cv::resize(image, resized, unpadded, 0, 0, cv::INTER_LINEAR);
    cv::Mat out;
    cv::copyMakeBorder(resized, out, int(std::nearbyint(dh - 0.1)), int(std::nearbyint(dh + 0.1)),
                       int(std::nearbyint(dw - 0.1)), int(std::nearbyint(dw + 0.1)), cv::BORDER_CONSTANT,
                       cv::Scalar::all(114));
    return out;
}

bool tensor_matches(const std::vector<float>& tensor, const Image& image) {
    const std::size_t plane = tensor.size() / 3;
    for (std::size_t i = 0; i < plane; ++i) {
        for (std::size_t channel = 0; channel < 3; ++channel) {
            if (tensor[channel * plane + i] != float(image.data()[3 * i + 2 - channel]) / 255.0F) return false;
        }
    }
    return true;
}

TEST(LetterboxGeometry, CentresOnTheWholeCanvas) {
    const auto g = LetterboxGeometry::fit({1080, 810}, {640, 640});
    EXPECT_EQ(g.resized, (ImageSize{640, 480}));
    EXPECT_EQ(g.canvas, (ImageSize{640, 640}));
    EXPECT_EQ(g.left_px, 80);
    EXPECT_EQ(g.top_px, 0);
}

TEST(LetterboxGeometry, TakesTheSmallestCanvasThatTheStrideAllows) {
    EXPECT_EQ(LetterboxGeometry::fit_minimal({1080, 810}, {640, 640}, 32).canvas, (ImageSize{640, 480}));
    EXPECT_EQ(LetterboxGeometry::fit_minimal({720, 1280}, {640, 640}, 32).canvas, (ImageSize{384, 640}));
    EXPECT_EQ(LetterboxGeometry::fit_minimal({720, 1280}, {640, 640}, 64).canvas, (ImageSize{384, 640}));
    EXPECT_EQ(LetterboxGeometry::fit_minimal({640, 640}, {640, 640}, 32).canvas, (ImageSize{640, 640}));
}

TEST(LetterboxGeometry, RoundsHalvesToEven) {
    // 641 and 643 halved are 320.5 and 321.5: both round to an even number
    EXPECT_EQ(LetterboxGeometry::fit({641, 1280}, {640, 640}).resized.height, 320);
    EXPECT_EQ(LetterboxGeometry::fit({643, 1280}, {640, 640}).resized.height, 322);
}

TEST(LetterboxGeometry, GivesTheOddPixelToTheBorderBehind) {
    const auto g = LetterboxGeometry::fit({639, 637}, {640, 640});
    const int right = g.canvas.width - g.left_px - g.resized.width;
    const int bottom = g.canvas.height - g.top_px - g.resized.height;
    EXPECT_GE(right, g.left_px);
    EXPECT_LE(right - g.left_px, 1);
    EXPECT_GE(bottom, g.top_px);
    const auto odd = LetterboxGeometry::fit({100, 95}, {100, 100});
    EXPECT_EQ(odd.left_px, 2);
}

TEST(LetterboxGeometry, AcceptsExtremeShapes) {
    const auto g = LetterboxGeometry::fit({1, 5000}, {640, 640});
    EXPECT_EQ(g.resized, (ImageSize{1, 640}));
    EXPECT_EQ(test::code_of([] { LetterboxGeometry::fit({0, 5}, {640, 640}); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(test::code_of([] { LetterboxGeometry::fit_minimal({5, 5}, {640, 640}, 0); }), ErrorCode::InvalidArgument);
}

/// The contract of both directions: a point laid forward comes back to itself, up to the rounding of the resized side.
TEST(LetterboxGeometry, WayBackUndoesTheWayForward) {
    constexpr unsigned kSeed = 20240611;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 5000; ++round) {
        const ImageSize source{int(random() % 2000 + 16), int(random() % 2000 + 16)};
        const ImageSize target{int(random() % 20 + 1) * 32, int(random() % 20 + 1) * 32};
        for (const auto& g :
             {LetterboxGeometry::fit(source, target), LetterboxGeometry::fit_minimal(source, target, 32)}) {
            ASSERT_LE(g.left_px + g.resized.width, g.canvas.width);
            ASSERT_LE(g.top_px + g.resized.height, g.canvas.height);
            ASSERT_EQ((target.width - g.canvas.width) % 32, 0);
            const Box whole = g.to_image({float(g.left_px), float(g.top_px), float(g.left_px + g.resized.width),
                                          float(g.top_px + g.resized.height)});
            const double tolerance = 1.01 / g.gain;  // half a pixel of the canvas by the size, half by the border
            ASSERT_NEAR(whole.x1, 0, tolerance);
            ASSERT_NEAR(whole.y1, 0, tolerance);
            ASSERT_NEAR(whole.x2, source.width, tolerance);
            ASSERT_NEAR(whole.y2, source.height, tolerance);
        }
    }
}

TEST(LetterboxGeometry, ClipsToTheImageAndDoesNotRound) {
    const auto g = LetterboxGeometry::fit({1080, 810}, {640, 640});
    const Box box = g.to_image({-50, -3, 320.3F, 900});
    EXPECT_EQ(box.x1, 0);
    EXPECT_EQ(box.y1, 0);
    EXPECT_EQ(box.x2, (320.3F - 80.0F) / float(640.0 / 1080.0));
    EXPECT_EQ(box.y2, 1080);
}

TEST(Letterbox, EqualsTheReferenceOnOddSizes) {
    for (const auto& [height, width] :
         {std::pair{37, 53}, {640, 640}, {641, 1280}, {643, 1280}, {1, 300}, {300, 3}, {639, 637}, {5, 5}}) {
        const Image image = test::sample_image(height, width);
        for (const int stride : {0, 32}) {
            const auto g = stride == 0 ? LetterboxGeometry::fit(image.size(), {640, 640})
                                       : LetterboxGeometry::fit_minimal(image.size(), {640, 640}, stride);
            const Image boxed = letterbox(image, g);
            EXPECT_TRUE(same(boxed, reference_letterbox(test::as_matrix(image), {640, 640}, stride)))
                << height << "x" << width;
            std::vector<float> tensor(boxed.size_bytes(), -1.0F);
            letterbox_to_tensor(image, g, tensor);
            EXPECT_TRUE(tensor_matches(tensor, boxed)) << height << "x" << width;
        }
    }
}

TEST(Letterbox, RefusesAnotherImageOrTensor) {
    const auto g = LetterboxGeometry::fit({20, 30}, {64, 64});
    std::vector<float> tensor(3 * 64 * 64);
    EXPECT_EQ(test::code_of([&] { letterbox(test::sample_image(30, 20), g); }), ErrorCode::ShapeMismatch);
    EXPECT_EQ(test::code_of([&] { letterbox_to_tensor(test::sample_image(20, 30), g, std::span(tensor).first(5)); }),
              ErrorCode::ShapeMismatch);
}

void expect_golden(const char* photo, const char* golden, ImageSize target) {
    const Image image = load_image(test::shared_dir() / "data/images" / photo);
    const Image boxed = letterbox(image, LetterboxGeometry::fit(image.size(), target));
    const auto expected = test::read_npy<std::uint8_t>(test::shared_dir() / "golden" / golden);
    ASSERT_EQ(expected.values.size(), boxed.size_bytes());
    std::size_t different = 0;
    int largest = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const int delta = std::abs(int(expected.values[i]) - int(boxed.data()[i / 3 * 3 + 2 - i % 3]));
        different += delta != 0 ? 1U : 0U;
        largest = std::max(largest, delta);
    }
    EXPECT_EQ(different, 0U) << "largest difference " << largest;
}

TEST(Letterbox, EqualsUltralyticsOnBus) {
    YOLOVINO_NEEDS_SHARED();
    expect_golden("bus.jpg", "bus_640x640_input.npy", {640, 640});
}

TEST(Letterbox, EqualsUltralyticsOnZidane) {
    YOLOVINO_NEEDS_SHARED();
    expect_golden("zidane.jpg", "zidane_384x640_input.npy", {384, 640});
}

TEST(Letterbox, EqualsTheReferenceOnAllPhotos) {
    YOLOVINO_NEEDS_SHARED();
    ASSERT_EQ(photos().size(), 131U);
    for (const auto& file : photos()) {
        const cv::Mat reference = cv::imread(file.string());
        const Image image = load_image(file);
        const auto whole = LetterboxGeometry::fit(image.size(), {640, 640});
        const auto minimal = LetterboxGeometry::fit_minimal(image.size(), {640, 640}, 32);
        EXPECT_TRUE(same(letterbox(image, whole), reference_letterbox(reference, {640, 640}, 0))) << file;
        EXPECT_TRUE(same(letterbox(image, minimal), reference_letterbox(reference, {640, 640}, 32))) << file;
    }
}

}  // namespace
}  // namespace yolovino::vision
