/// Sizes of images that OpenCV decodes, read by hand before it sees them: genuine files are taken for what they are,
/// and files far too small for their size are refused.
#include "vision/image_header.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>

#include "helpers.hpp"
#include "vision/decode.hpp"

namespace yolovino::vision {
namespace {

using test::Bytes;
using test::code_of;
using test::sample_image;

struct Kind {
    std::string kind;
    std::string suffix;
    std::vector<int> options;
    bool gray = false;
};

const std::vector<Kind> kKinds = {{"BMP", ".bmp", {}},
                                  {"BMP", ".bmp", {}, true},
                                  {"WebP", ".webp", {cv::IMWRITE_WEBP_QUALITY, 80}},
                                  {"WebP", ".webp", {cv::IMWRITE_WEBP_QUALITY, 101}},
                                  {"TIFF", ".tiff", {cv::IMWRITE_TIFF_COMPRESSION, 1}},
                                  {"TIFF", ".tiff", {cv::IMWRITE_TIFF_COMPRESSION, 5}},
                                  {"TIFF", ".tiff", {cv::IMWRITE_TIFF_COMPRESSION, 32946}},
                                  {"TIFF", ".tiff", {cv::IMWRITE_TIFF_COMPRESSION, 32773}, true},
                                  {"JPEG 2000", ".jp2", {}},
                                  {"Sun raster", ".ras", {}},
                                  {"Netpbm", ".ppm", {cv::IMWRITE_PXM_BINARY, 1}},
                                  {"Netpbm", ".ppm", {cv::IMWRITE_PXM_BINARY, 0}},
                                  {"Netpbm", ".pgm", {}, true},
                                  {"Netpbm", ".pam", {}},
                                  {"Radiance HDR", ".hdr", {}}};

Bytes encode(const cv::Mat& pixels, const Kind& kind) {
    cv::Mat given = pixels;
    if (kind.gray) cv::extractChannel(pixels, given, 0);
    if (kind.suffix == ".hdr") pixels.convertTo(given, CV_32F, 1.0 / 255);
    std::vector<std::uint8_t> encoded;
    EXPECT_TRUE(cv::imencode(kind.suffix, given, encoded, kind.options)) << kind.suffix;
    return test::to_bytes(encoded);
}

// An image of the smallest encoding that is whole: the caps must leave it alone.
TEST(ImageHeader, GenuineImagesHaveTheirKindAndSize) {
    const cv::Mat plain(1100, 1000, CV_8UC3, cv::Scalar(30, 200, 10));
    for (const Kind& kind : kKinds) {
        SCOPED_TRACE(kind.suffix + " " + std::to_string(kind.options.empty() ? 0 : kind.options.back()));
        for (const cv::Mat& pixels : {test::as_matrix(sample_image(33, 50)), plain}) {
            const Bytes encoded = encode(pixels, kind);
            const auto declared = detail::read_image_size(encoded, kind.kind);
            ASSERT_TRUE(declared);
            EXPECT_EQ(declared->height, static_cast<std::uint64_t>(pixels.rows));
            EXPECT_EQ(declared->width, static_cast<std::uint64_t>(pixels.cols));
            EXPECT_LE(declared->least_bytes, encoded.size());
            EXPECT_EQ(decode_image(encoded, "x").size(), (ImageSize{pixels.rows, pixels.cols}));
        }
    }
}

// Rule: no number of the header is believed beyond the end of the file, wherever that is.
TEST(ImageHeader, TruncatedHeadersAreNotReadBeyondTheirEnd) {
    for (const Kind& kind : kKinds) {
        const Bytes whole = encode(test::as_matrix(sample_image(33, 50)), kind);
        for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), 200); ++size) {
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            const auto declared = detail::read_image_size(cut, kind.kind);
            EXPECT_TRUE(!declared || (declared->height > 0 && declared->width > 0)) << kind.suffix << size;
        }
    }
}

std::string number(std::uint64_t value, int bytes, bool big_endian = false) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * (big_endian ? bytes - 1 - i : i)) & 0xFFU);
    return text;
}

Bytes bytes_of(const std::string& text) {
    return test::to_bytes(std::vector<std::uint8_t>(text.begin(), text.end()));
}

using Sides = std::pair<std::uint64_t, std::uint64_t>;  // height, width

std::string bmp(Sides sides, std::uint64_t bits, std::uint64_t coding, bool upside_down = false) {
    const std::uint64_t height = upside_down ? 0 - sides.first : sides.first;
    return "BM" + number(0, 8) + number(54, 4) + number(40, 4) + number(sides.second, 4) + number(height, 4) +
           number(1, 2) + number(bits, 2) + number(coding, 4) + std::string(20, '\0');
}

std::string webp(const std::string& chunk, const std::string& content) {
    return "RIFF" + number(4096, 4) + "WEBP" + chunk + number(content.size(), 4) + content;
}
std::string webp_lossy(Sides sides) {
    return webp("VP8 ", std::string("\x10\0\0\x9D\x01\x2A", 6) + number(sides.second, 2) + number(sides.first, 2) +
                            std::string(40, '\0'));
}
std::string webp_lossless(Sides sides) {
    return webp("VP8L", "\x2F" + number((sides.second - 1) | (sides.first - 1) << 14U, 4) + std::string(40, '\0'));
}
std::string webp_canvas(Sides sides) {
    return webp("VP8X", std::string(4, '\0') + number(sides.second - 1, 3) + number(sides.first - 1, 3) +
                            std::string(40, '\0'));
}

std::string tiff(Sides sides, std::uint64_t coding, bool big_endian, bool big = false) {
    const auto put = [&](std::uint64_t value, int bytes) { return number(value, bytes, big_endian); };
    const int word = big ? 8 : 4;
    std::string text = (big_endian ? "MM" : "II") + put(big ? 43 : 42, 2);
    text += big ? put(8, 2) + put(0, 2) + put(16, 8) : put(8, 4);
    text += put(4, big ? 8 : 2);
    for (const auto& [tag, value] : {Sides{256, sides.second}, {257, sides.first}, {258, 8}, {259, coding}}) {
        const std::uint64_t type = tag < 258 ? 4 : 3;
        const std::string place = put(value, type == 4 ? 4 : 2);
        text += put(tag, 2) + put(type, 2) + put(1, word) + place +
                std::string(static_cast<std::size_t>(word) - place.size(), '\0');
    }
    return text + std::string(40, '\0');
}

std::string jpeg2000(Sides sides) {
    return "\xFF\x4F\xFF\x51" + number(47, 2, true) + number(0, 2) + number(sides.second + 7, 4, true) +
           number(sides.first + 9, 4, true) + number(7, 4, true) + number(9, 4, true) + std::string(40, '\0');
}

std::string sun_raster(Sides sides, std::uint64_t type) {
    std::string text = "\x59\xA6\x6A\x95";
    for (const std::uint64_t value :
         {sides.second, sides.first, std::uint64_t{24}, std::uint64_t{0}, type, std::uint64_t{0}, std::uint64_t{0}})
        text += number(value, 4, true);
    return text + std::string(40, '\0');
}

std::string text_head(const std::string& before, std::uint64_t first, const std::string& between, std::uint64_t second,
                      const std::string& behind) {
    return before + std::to_string(first) + between + std::to_string(second) + behind + std::string(40, '\0');
}

std::map<std::string, std::string> forged(Sides sides) {
    return {{"BMP plain", bmp(sides, 24, 0)},
            {"BMP upside down", bmp(sides, 1, 0, true)},
            {"BMP run lengths", bmp(sides, 8, 1)},
            {"BMP short run lengths", bmp(sides, 4, 2)},
            {"WebP canvas", webp_canvas(sides)},
            {"TIFF plain", tiff(sides, 1, false)},
            {"TIFF other end", tiff(sides, 1, true)},
            {"TIFF LZW", tiff(sides, 5, false)},
            {"TIFF deflate", tiff(sides, 8, false)},
            {"TIFF run lengths", tiff(sides, 32'773, true)},
            {"TIFF JPEG", tiff(sides, 7, false)},
            {"TIFF fax", tiff(sides, 4, false)},
            {"BigTIFF", tiff(sides, 1, false, true)},
            {"BigTIFF other end", tiff(sides, 50'000, true, true)},
            {"JPEG 2000", jpeg2000(sides)},
            {"Sun raster", sun_raster(sides, 1)},
            {"Sun raster run lengths", sun_raster(sides, 2)},
            {"PPM", text_head("P6\n# a comment\n", sides.second, " # another\n", sides.first, "\n255\n")},
            {"PBM", text_head("P4 ", sides.second, "\t", sides.first, "\n")},
            {"PAM", text_head("P7\nWIDTH ", sides.second, "\nHEIGHT ", sides.first, "\nDEPTH 3\nENDHDR\n")},
            {"HDR", text_head("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ", sides.first, " +X ", sides.second, "\n")}};
}

// Rule: an image of many pixels has been paid for with bytes, as far as its kind must pay.
TEST(ImageHeader, FilesFarTooSmallAreRefused) {
    for (const auto& [name, text] : forged({16'000, 15'000}))
        EXPECT_EQ(code_of([&text = text, &name = name] { decode_image(bytes_of(text), name); }), ErrorCode::CorruptFile)
            << name;
    for (const std::string& text : {webp_lossy({16'383, 16'383}), webp_lossless({16'384, 16'383})})
        EXPECT_EQ(code_of([&] { decode_image(bytes_of(text), "WebP"); }), ErrorCode::CorruptFile);
    // OpenCV 4.6 has no decoder for it; later ones do.
    const std::string gif = "GIF89a" + number(15'000, 2) + number(16'000, 2) + std::string(40, '\0');
    EXPECT_EQ(code_of([&] { decode_image(bytes_of(gif), "GIF"); }), ErrorCode::CorruptFile);
}

// Rule: nothing above 2^28 pixels, whatever its bytes.
TEST(ImageHeader, MoreThanTheLimitIsRefused) {
    for (const Sides& sides : {Sides{16'385, 16'384}, {65'535, 65'535}, {5, 100'000'000}, {100'000'000, 5}}) {
        for (const auto& [name, text] : forged(sides)) {
            if (name == "WebP canvas" && std::max(sides.first, sides.second) > 1U << 24U) continue;
            EXPECT_EQ(code_of([&text = text, &name = name] { decode_image(bytes_of(text), name); }),
                      ErrorCode::LimitExceeded)
                << name;
        }
    }
}

// Rule: products of sides do not wrap.
TEST(ImageHeader, HugeDimensionsDoNotWrap) {
    for (const Sides& sides : {Sides{0xFFFFFFFF, 0xFFFFFFFF}, {0x7FFFFFFF, 0x7FFFFFFF}, {0x80000000, 0x80000000}}) {
        for (const std::string& text : {tiff(sides, 1, false), tiff(sides, 5, true, true), sun_raster(sides, 1),
                                        text_head("P6 ", sides.second << 32U, " ", sides.first << 32U, " 255\n")})
            EXPECT_EQ(code_of([&] { decode_image(bytes_of(text), "x"); }), ErrorCode::LimitExceeded);
        EXPECT_THROW(decode_image(bytes_of(bmp(sides, 24, 0)), "x"), Error);
        EXPECT_THROW(decode_image(bytes_of(jpeg2000(sides)), "x"), Error);
    }
}

// Rule: small images are the decoder's, however little they hold.
TEST(ImageHeader, SmallImagesAreLeftToTheDecoder) {
    for (const auto& [name, text] : forged({50, 60})) {
        try {
            EXPECT_EQ(decode_image(bytes_of(text), name).size(), (ImageSize{50, 60})) << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::UnsupportedFile) << name << error.what();
        }
    }
}

}  // namespace
}  // namespace yolovino::vision
