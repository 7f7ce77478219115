#include "vision/classify_crop.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "helpers.hpp"
#include "support/npy.hpp"
#include "vision/decode.hpp"

namespace yolovino::vision {
namespace {

/// The recorded input is RGB.
void expect_recorded(const std::string& image, const std::string& input) {
    SCOPED_TRACE(input);
    const auto golden = test::read_npy<std::uint8_t>(test::shared_dir() / "golden" / input);
    const Image crop = classify_crop(load_image(test::shared_dir() / image),
                                     {static_cast<int>(golden.shape.at(0)), static_cast<int>(golden.shape.at(1))});
    std::size_t different = 0;
    for (std::size_t i = 0; i < golden.values.size(); ++i)
        different += crop.data()[i / 3 * 3 + 2 - i % 3] != golden.values[i] ? 1U : 0U;
    EXPECT_EQ(different, 0U);
}

TEST(ClassifyCrop, EqualsUltralyticsByteForByte) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("data/images/bus.jpg", "tasks/classify_128_input.npy");
}

/// The filter as it is described, pixel by pixel, over the whole resized image.
std::vector<std::uint8_t> resized(const std::vector<std::uint8_t>& pixels, int lines, int in, int out, bool along) {
    const auto at = [&](int line, int i, int length) {
        return static_cast<std::size_t>(along ? line * length + i : i * lines + line);
    };
    std::vector<std::uint8_t> result(static_cast<std::size_t>(lines) * static_cast<std::size_t>(out));
    const double scale = static_cast<double>(in) / out;
    const double support = std::max(scale, 1.0);
    for (int i = 0; i < out; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
        const int last = std::min(static_cast<int>(centre + support + 0.5), in);
        std::vector<double> weights;
        double sum = 0;
        for (int k = first; k < last; ++k) {
            weights.push_back(std::max(0.0, 1 - std::abs((k - centre + 0.5) / support)));
            sum += weights.back();
        }
        for (int line = 0; line < lines; ++line) {
            std::int64_t total = 1 << 21;
            for (int k = first; k < last; ++k)
                total += std::llround(weights[static_cast<std::size_t>(k - first)] / sum * (1 << 22)) *
                         pixels[at(line, k, in)];
            result[at(line, i, out)] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(total >> 22, 0, 255));
        }
    }
    return result;
}

void expect_plain(ImageSize source, ImageSize canvas) {
    SCOPED_TRACE(testing::Message() << source.height << "x" << source.width << " to " << canvas.height << "x"
                                    << canvas.width);
    const Image image = test::sample_image(source.height, source.width);
    ImageSize whole = canvas;
    if (canvas.height == canvas.width) {
        const int shorter = std::min(source.height, source.width);
        whole = {canvas.height * source.height / shorter, canvas.width * source.width / shorter};
    }
    const int top = static_cast<int>(std::nearbyint((whole.height - canvas.height) / 2.0));
    const int left = static_cast<int>(std::nearbyint((whole.width - canvas.width) / 2.0));
    const Image crop = classify_crop(image, canvas);
    ASSERT_EQ(crop.size(), canvas);
    std::size_t different = 0;
    for (int c = 0; c < 3; ++c) {
        std::vector<std::uint8_t> channel;
        for (int i = 0; i < source.height * source.width; ++i) channel.push_back(image.data()[3 * i + c]);
        channel = resized(channel, source.height, source.width, whole.width, true);
        channel = resized(channel, whole.width, source.height, whole.height, false);
        for (int y = 0; y < canvas.height; ++y) {
            for (int x = 0; x < canvas.width; ++x) {
                const std::uint8_t expected = channel[static_cast<std::size_t>((y + top) * whole.width + x + left)];
                different += crop.row(y)[3 * x + c] != expected ? 1U : 0U;
            }
        }
    }
    EXPECT_EQ(different, 0U);
    std::vector<float> tensor(crop.size_bytes());
    classify_crop_to_tensor(image, canvas, tensor);
    const std::size_t plane = tensor.size() / 3;
    for (std::size_t i = 0; i < plane; ++i) {
        for (std::size_t c = 0; c < 3; ++c)
            ASSERT_EQ(tensor[(2 - c) * plane + i], static_cast<float>(crop.data()[3 * i + c]) / 255.0F) << i;
    }
}

TEST(ClassifyCrop, EqualsTheFilterPixelByPixel) {
    for (const ImageSize source : {ImageSize{90, 61}, {61, 90}, {200, 201}, {64, 64}, {31, 33}, {7, 300}, {3, 2}}) {
        for (const ImageSize canvas : {ImageSize{32, 32}, {64, 64}, {33, 33}, {20, 48}, {64, 20}, {1, 1}})
            expect_plain(source, canvas);
    }
}

TEST(ClassifyCrop, AnImageOfTheSizeStaysAsItIs) {
    const Image image = test::sample_image(64, 64);
    EXPECT_TRUE(test::same(classify_crop(image, {64, 64}), image));
    const Image wide = test::sample_image(64, 67);
    const Image crop = classify_crop(wide, {64, 64});
    EXPECT_EQ(crop.row(5)[0], wide.row(5)[2 * 3]) << "1.5 pixels are removed on the left, half to even";
}

TEST(ClassifyCrop, ImpossibleSizesAreErrors) {
    EXPECT_EQ(test::code_of([] { classify_crop(Image(), {64, 64}); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(test::code_of([] { classify_crop(Image(8, 8), {0, 64}); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(test::code_of([] { classify_crop(Image(8, 8), {64, -1}); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(test::code_of([] { classify_crop(Image(1, 8'000'000), {1024, 1024}); }), ErrorCode::LimitExceeded);
    EXPECT_EQ(test::code_of([] { classify_crop(Image(8'000'000, 1), {64, 128}); }), ErrorCode::LimitExceeded);
    std::vector<float> tensor(10);
    EXPECT_EQ(test::code_of([&] { classify_crop_to_tensor(Image(8, 8), {64, 64}, tensor); }), ErrorCode::ShapeMismatch);
}

}  // namespace
}  // namespace yolovino::vision
