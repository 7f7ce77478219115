#include "vision/decode.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/encode.hpp"

namespace yolovino::vision {
namespace {

using test::Bytes;
using test::code_of;
using test::same;
using test::sample_image;

double mean_difference(const Image& a, const Image& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size_bytes(); ++i) sum += std::abs(int(a.data()[i]) - int(b.data()[i]));
    return sum / double(a.size_bytes());
}

TEST(Decode, EqualsOpenCvOnAllPhotos) {
    YOLOVINO_NEEDS_SHARED();
    for (const auto& file : test::photos()) EXPECT_TRUE(same(load_image(file), cv::imread(file.string()))) << file;
}

TEST(Decode, ReadsJpegVariantsAsOpenCv) {
    const cv::Mat pixels = test::as_matrix(sample_image(61, 83));
    cv::Mat gray;
    cv::extractChannel(pixels, gray, 1);
    const std::vector<std::vector<int>> variants = {{},
                                                    {cv::IMWRITE_JPEG_PROGRESSIVE, 1},
                                                    {cv::IMWRITE_JPEG_QUALITY, 10},
                                                    {cv::IMWRITE_JPEG_OPTIMIZE, 1, cv::IMWRITE_JPEG_RST_INTERVAL, 2}};
    for (const auto& variant : variants) {
        for (const cv::Mat& source : {pixels, gray}) {
            std::vector<std::uint8_t> encoded;
            ASSERT_TRUE(cv::imencode(".jpg", source, encoded, variant));
            EXPECT_TRUE(same(decode_image(test::to_bytes(encoded), "x"), cv::imdecode(encoded, cv::IMREAD_COLOR)));
        }
    }
}

TEST(Decode, ReadsOtherKindsThroughTheMediaModule) {
    const Image image = sample_image(17, 23);
    for (const char* suffix : {".bmp", ".tiff", ".ppm"}) {
        std::vector<std::uint8_t> encoded;
        ASSERT_TRUE(cv::imencode(suffix, test::as_matrix(image), encoded));
        EXPECT_TRUE(same(decode_image(test::to_bytes(encoded), "x"), image)) << suffix;
    }
    std::vector<std::uint8_t> webp;
    ASSERT_TRUE(cv::imencode(".webp", test::as_matrix(image), webp));
    EXPECT_TRUE(same(decode_image(test::to_bytes(webp), "x"), cv::imdecode(webp, cv::IMREAD_COLOR)));
}

TEST(Decode, RefusesDataThatIsNoImage) {
    const auto decode = [](std::string_view text) {
        return code_of([&] { decode_image(std::as_bytes(std::span(text)), "x"); });
    };
    EXPECT_EQ(decode(""), ErrorCode::CorruptFile);
    EXPECT_EQ(decode("<html>not found</html>"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(decode("<VRTDataset rasterXSize=\"1\"/>"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(decode("P"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(decode("\xFF\xD8\xFF"), ErrorCode::CorruptFile);
    EXPECT_EQ(decode("\x89PNG\r\n\x1A\n"), ErrorCode::CorruptFile);
    EXPECT_EQ(decode("GIF89a\x01"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(decode("BM broken"), ErrorCode::UnsupportedFile);
}

TEST(Decode, SaysWhichFileIsWrong) {
    const test::TempFolder folder;
    const auto file = folder.path() / "broken.jpg";
    base::write_text_file(file, "no image");
    try {
        load_image(file);
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("broken.jpg"), std::string::npos) << error.what();
    }
    EXPECT_EQ(code_of([&] { load_image(folder.path() / "absent.jpg"); }), ErrorCode::NotFound);
}

TEST(Encode, JpegEqualsOpenCvs) {
    for (const auto& [height, width] : {std::pair{61, 83}, {1, 1}, {640, 480}}) {
        const Image image = sample_image(height, width);
        std::vector<std::uint8_t> expected;
        ASSERT_TRUE(cv::imencode(".jpg", test::as_matrix(image), expected));
        EXPECT_EQ(encode_jpeg(image), test::to_bytes(expected)) << height << "x" << width;
    }
}

TEST(Encode, JpegWithoutSubsamplingKeepsColours) {
    Image image(32, 32);
    for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
            std::uint8_t* pixel = image.row(y) + x * 3;
            pixel[0] = 30;
            pixel[1] = x % 2 == 0 ? 200 : 20;
            pixel[2] = x % 2 == 0 ? 20 : 200;
        }
    }
    EXPECT_LT(mean_difference(decode_image(encode_jpeg(image, kJpegQuality, false), "x"), image), 4);
    EXPECT_GT(mean_difference(decode_image(encode_jpeg(image, kJpegQuality, true), "x"), image), 20);
}

TEST(Encode, PngComesBackAsItWas) {
    for (const auto& [height, width] : {std::pair{1, 1}, {37, 53}, {300, 200}}) {
        const Image image = sample_image(height, width);
        EXPECT_TRUE(same(decode_image(encode_png(image), "x"), image));
    }
}

TEST(Encode, RefusesWhatCannotBeEncoded) {
    EXPECT_EQ(code_of([] { encode_jpeg(Image()); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of([] { encode_png(Image()); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of([] { encode_jpeg(Image(1, 70000)); }), ErrorCode::LimitExceeded);
}

TEST(Save, ChoosesTheKindByTheSuffix) {
    const test::TempFolder folder;
    const Image image = sample_image(20, 30);
    save_image(image, folder.path() / "a.PNG");
    EXPECT_TRUE(same(load_image(folder.path() / "a.PNG"), image));
    save_image(image, folder.path() / "b.jpeg");
    EXPECT_EQ(base::read_file(folder.path() / "b.jpeg", 1 << 20), encode_jpeg(image));
    EXPECT_EQ(code_of([&] { save_image(image, folder.path() / "c.gif"); }), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace yolovino::vision
