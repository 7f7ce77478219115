/// What the image libraries behind the media module are kept from: forged sizes, damage, extreme shapes.
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/decode.hpp"
#include "vision/hevc.hpp"
#include "vision/isobmff.hpp"

namespace yolovino::vision {
namespace {

namespace fs = std::filesystem;
using test::Bytes;
using test::code_of;

const fs::path kFolder = fs::path(YOLOVINO_SOURCE_DIR) / "tests/data/images";

Bytes bytes_of(const char* name) {
    return base::read_file(kFolder / name, 1U << 20U);
}

std::string text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes bytes_of_text(const std::string& text) {
    return test::to_bytes(std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string number(std::uint64_t value, int bytes, bool big_endian) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * (big_endian ? bytes - 1 - i : i)) & 0xFFU);
    return text;
}

/// The file with another size in all its `ispe` boxes.
Bytes with_declared_size(const char* name, std::uint32_t height, std::uint32_t width) {
    std::string text = text_of(bytes_of(name));
    std::size_t found = 0;
    for (std::size_t at = text.find("ispe"); at != std::string::npos; at = text.find("ispe", at + 1), ++found)
        text.replace(at + 8, 8, number(width, 4, true) + number(height, 4, true));
    EXPECT_GT(found, 0U);
    return bytes_of_text(text);
}

TEST(Isobmff, SizesAndKindsAreFound) {
    for (const auto& [name, kind] : {std::pair{"avif_444.avif", "AVIF"},
                                     {"avif_mif1.avif", "AVIF"},
                                     {"avif_sequence.avif", "AVIF"},
                                     {"heic_444.heic", "HEIC"}}) {
        const Bytes bytes = bytes_of(name);
        EXPECT_EQ(detail::isobmff_kind(bytes), kind) << name;
        const auto size = detail::isobmff_size(bytes);
        ASSERT_TRUE(size) << name;
        EXPECT_GE(size->height, 16U) << name;
        EXPECT_GE(size->width, 24U) << name;
        EXPECT_LE(size->height * size->width, 64U * 64U) << name;
        EXPECT_LE(size->least_bytes, bytes.size());
    }
    EXPECT_TRUE(detail::hevc_is_420(bytes_of("heic_420.heic")));
    EXPECT_FALSE(detail::hevc_is_420(bytes_of("heic_444.heic")));
    EXPECT_EQ(detail::isobmff_kind(bytes_of_text(number(16, 4, true) + "ftypisom" + number(0, 4, true))), "");
}

// Rule: many pixels must be paid for with bytes, and nothing is above 2^28; the scan of a dataset says the same.
TEST(Isobmff, ForgedSizesAreRefused) {
    const test::TempFolder folder;
    for (const char* name : {"avif_444.avif", "heic_444.heic"}) {
        for (const auto& [height, width, code] : {std::tuple{15'000U, 16'000U, ErrorCode::CorruptFile},
                                                  std::tuple{65'535U, 65'535U, ErrorCode::LimitExceeded},
                                                  std::tuple{0xFFFFFFFFU, 0xFFFFFFFFU, ErrorCode::LimitExceeded}}) {
            const Bytes forged = with_declared_size(name, height, width);
            EXPECT_EQ(code_of([&] { decode_image(forged, "x"); }), code) << name << height;
            base::write_file(folder.path() / name, forged);
            EXPECT_EQ(code_of([&] { read_image_header(folder.path() / name); }), code) << name << height;
        }
    }
    // libavif scales a frame to what its box says, so the scan and the decoder agree.
    EXPECT_EQ(decode_image(with_declared_size("avif_444.avif", 8, 8), "x").size(), (ImageSize{8, 8}));
}

/// Writes numbers bit by bit.
class BitWriter {
public:
    void put(std::uint64_t value, unsigned count) {
        for (unsigned i = count; i-- > 0;) bits_.push_back((value >> i & 1U) != 0);
    }
    void put_code(std::uint64_t value) {
        unsigned zeros = 0;
        while ((value + 1) >> (zeros + 1) != 0) ++zeros;
        put(0, zeros);
        put(value + 1, zeros + 1);
    }
    std::string text() const {
        std::string bytes((bits_.size() + 7) / 8, '\0');
        for (std::size_t i = 0; i < bits_.size(); ++i)
            if (bits_[i]) bytes[i / 8] = static_cast<char>(static_cast<unsigned char>(bytes[i / 8]) | 0x80U >> i % 8);
        return bytes;
    }

private:
    std::vector<bool> bits_;
};

/// An `hvcC` box's content with one sequence header.
std::string hevc_settings(std::uint64_t height, std::uint64_t width, unsigned layers) {
    BitWriter bits;
    bits.put(33U << 9U | 1, 16);
    bits.put(0, 4);
    bits.put(layers, 3);
    bits.put(1, 1);
    for (int i = 0; i < 12; ++i) bits.put(0xFF, 8);  // nothing that looks like a start code
    for (unsigned i = 0; i < (layers > 0 ? 8U : 0U); ++i) bits.put(i < layers ? 3 : 0, 2);
    for (unsigned i = 0; i < layers * 12; ++i) bits.put(0xFF, 8);
    bits.put_code(0);
    bits.put_code(1);
    bits.put_code(width);
    bits.put_code(height);
    const std::string unit = bits.text() + "\x80";
    return std::string(22, '\1') + number(1, 1, true) + number(33, 1, true) + number(1, 2, true) +
           number(unit.size(), 2, true) + unit;
}

TEST(Hevc, SequenceHeadersTellTheirSize) {
    for (const unsigned layers : {0U, 1U, 6U}) {
        for (const auto& [height, width] : {std::pair{8U, 8U}, {4032U, 3024U}, {65'535U, 16'384U}}) {
            const Bytes settings = bytes_of_text(hevc_settings(height, width, layers));
            const auto sizes = detail::hevc_sizes(settings);
            ASSERT_EQ(sizes.size(), 1U);
            EXPECT_EQ(sizes[0].height, height);
            EXPECT_EQ(sizes[0].width, width);
            for (std::size_t cut = 0; cut < settings.size(); ++cut)
                EXPECT_TRUE(detail::hevc_sizes(std::span(settings).first(cut)).empty()) << cut;
        }
    }
}

// A small image whose decoder would be given the size of a huge one.
TEST(Hevc, HugeSequencesInSmallImagesAreRefused) {
    std::string text = text_of(bytes_of("heic_444.heic"));
    const std::size_t at = text.find("hvcC");
    ASSERT_NE(at, std::string::npos);
    const std::string settings = hevc_settings(16'000, 15'000, 0);
    const std::size_t room =
        static_cast<unsigned char>(text[at - 2]) * 256U + static_cast<unsigned char>(text[at - 1]) - 8U;
    ASSERT_GE(room, settings.size());
    text.replace(at + 4, settings.size(), settings);
    EXPECT_EQ(code_of([&] { decode_image(bytes_of_text(text), "x"); }), ErrorCode::CorruptFile);
}

// A tile may be larger than the image, but not without bound.
TEST(Tiff, HugeTilesAreRefused) {
    std::string text = text_of(bytes_of("tiff_rgb_float32_tiled.tif"));
    for (const int tag : {322, 323}) {
        const std::size_t at = text.find(number(static_cast<std::uint64_t>(tag), 2, false) + number(4, 2, false));
        ASSERT_NE(at, std::string::npos);
        text.replace(at + 8, 4, number(1U << 14U, 4, false));
    }
    EXPECT_EQ(code_of([&] { decode_image(bytes_of_text(text), "x"); }), ErrorCode::UnsupportedFile);
}

/// Whatever the damage, the answer is an image of the size in the header or an Error.
TEST(DamagedImages, OnlyThrow) {
    constexpr unsigned kSeed = 7;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    const test::TempFolder folder;
    const fs::path file = folder.path() / "damaged";
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        const std::string suffix = entry.path().extension().string();
        if (suffix == ".json" || suffix == ".z" || suffix == ".py" || suffix == ".md") continue;
        const Bytes original = base::read_file(entry.path(), 1U << 20U);
        for (int round = 0; round < 4; ++round) {
            Bytes damaged = original;
            if (round == 0) damaged.resize(random() % original.size() + 1);
            for (unsigned i = 0; i < random() % 4 + 1; ++i)
                damaged[random() % damaged.size()] = static_cast<std::byte>(random());
            base::write_file(file, damaged);
            try {
                const Image image = load_image(file);
                EXPECT_EQ(read_image_header(file).size, image.size()) << entry.path() << round;
            } catch (const Error&) {
                continue;
            }
        }
    }
}

/// One line or column, one pixel, and very long ones.
TEST(Shapes, ExtremesAreReadInEveryContainer) {
    for (const auto& [height, width] : {std::pair{1, 1}, {1, 300}, {300, 1}, {30, 20'000}, {16'000, 40}}) {
        const Image image = test::sample_image(height, width);
        const cv::Mat pixels = test::as_matrix(image);
        for (const char* suffix : {".png", ".bmp", ".tiff", ".ppm", ".jp2", ".jpg", ".webp"}) {
            if (std::string_view(suffix) == ".webp" && width > 16'383) continue;
            if (std::string_view(suffix) == ".jp2" && std::min(height, width) < 32)
                continue;  // OpenCV cannot write them
            SCOPED_TRACE(std::string(suffix) + " " + std::to_string(height) + "x" + std::to_string(width));
            std::vector<std::uint8_t> encoded;
            ASSERT_TRUE(cv::imencode(suffix, pixels, encoded));
            const Image decoded = decode_image(test::to_bytes(encoded), "x");
            EXPECT_EQ(decoded.size(), image.size());
            if (std::string_view(suffix) == ".jpg" || std::string_view(suffix) == ".webp" ||
                std::string_view(suffix) == ".jp2")
                EXPECT_TRUE(test::same(decoded, cv::imdecode(encoded, cv::IMREAD_COLOR)));
            else
                EXPECT_TRUE(test::same(decoded, image));
        }
    }
}

}  // namespace
}  // namespace yolovino::vision
