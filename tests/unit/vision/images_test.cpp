/// Images of every container and variant against what Ultralytics read from the same bytes; see tests/data/images.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "base/file.hpp"
#include "helpers.hpp"
#include "vision/decode.hpp"

namespace yolovino::vision {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(YOLOVINO_SOURCE_DIR) / "tests/data/images";

struct Expected {
    bool refused = false;
    ImageSize size;
    std::size_t at = 0;  ///< where its pixels begin
};

struct Recorded {
    std::map<std::string, Expected> images;
    std::vector<std::uint8_t> pixels;
};

Recorded read_recorded() {
    Recorded found;
    const auto json = nlohmann::json::parse(std::ifstream(kFolder / "expected.json"));
    const auto packed = base::read_file(kFolder / "pixels.z", 1U << 20U);
    found.pixels.resize(json["about"]["pixel_bytes"].get<std::size_t>());
    uLongf size = found.pixels.size();
    const int status = ::uncompress(found.pixels.data(), &size, reinterpret_cast<const Bytef*>(packed.data()),
                                    static_cast<uLong>(packed.size()));
    EXPECT_EQ(status, Z_OK);
    EXPECT_EQ(size, found.pixels.size());
    for (const auto& [name, entry] : json["images"].items()) {
        // What it reads differently each time is no answer.
        const bool refused = entry.value("refused", false) || entry.value("undefined", false);
        found.images[name] = {
            refused, {entry.value("height", 0), entry.value("width", 0)}, entry.value("at", std::size_t{0})};
    }
    return found;
}

const Recorded& recorded() {
    static const Recorded all = read_recorded();
    return all;
}

int largest_difference(const Image& image, const std::uint8_t* expected) {
    int largest = 0;
    for (std::size_t i = 0; i < image.size_bytes(); ++i)
        largest = std::max(largest, std::abs(int{image.data()[i]} - int{expected[i]}));
    return largest;
}

/// Where we read what Ultralytics cannot, and the file whose recorded pixels that must give; none: only its size is
/// known.
const std::map<std::string, std::string> kOnlyHere = {
    {"gif_no_end.gif", "gif_still.gif"},
    {"heic_10bit_gray.heic", ""},
    {"heic_named.jpg", "heic_420.heic"},
    {"jpeg_exif_long_be.jpg", "jpeg_exif_long_le.jpg"},
    {"jpeg_exif_slong_be.jpg", "jpeg_exif_long_le.jpg"},
    {"jpeg_no_end.jpg", "jpeg_trailing_bytes.jpg"},
    {"png_exif_long_be.png", "png_exif_long_le.png"},
    {"tiff_exif6_tiled.tif", "tiff_exif6_le.tif"},
    {"tiff_float_named.jpg", "tiff_rgb8.tif"},
    {"tiff_gray_float32.tif", ""},
    {"tiff_gray_float64.tif", ""},
    {"tiff_gray_int32.tif", "tiff_gray8.tif"},
    {"tiff_gray_uint32.tif", "tiff_gray8.tif"},
    {"tiff_rgb16_planar.tif", "tiff_rgb16.tif"},
    {"tiff_rgb8_lzma.tif", "tiff_rgb8.tif"},
    {"tiff_rgb8_tiled.tif", "tiff_rgb8.tif"},
    {"tiff_rgb8_webp.tif", ""},
    {"tiff_rgb8_zstd.tif", "tiff_rgb8.tif"},
    {"tiff_rgb_float16.tif", "tiff_rgb_float32.tif"},
    {"tiff_rgb_float32_planar.tif", "tiff_rgb_float32.tif"},
    {"webp_exif_long_be.webp", "webp_exif_long_le.webp"},
};

/// What Ultralytics reads and we refuse.
const std::map<std::string, std::string> kRefusedHere = {
    {"jpeg_lossless.jpg", "this JPEG is of a variant that is not read: Unsupported JPEG process: SOF type 0xc3"},
    {"tiff_rgb8_jpeg2000.tif", "Compression scheme 34712"},
};

/// Debian's libheif mixes colours with other roundings than the one in Pillow; of more than 8 bits, 4:2:0, and another
/// matrix than BT.601 the difference is 2. libavif mixes them in vector code, measured equal with AVX2, which may round
/// otherwise on other processors. Half precision has 11 bits.
int allowed_difference(const std::string& name) {
    if (name == "heic_10bit_bt709.heic" || name == "heic_10bit_bt2020.heic") return 2;
    const bool other_decoder = name.starts_with("heic_") || name.starts_with("avif_");
    return other_decoder || name == "tiff_rgb_float16.tif" ? 1 : 0;
}

class Images : public testing::TestWithParam<std::string> {};

TEST_P(Images, EqualWhatUltralyticsReads) {
    const Recorded& all = recorded();
    const auto only_here = kOnlyHere.find(GetParam());
    const auto refused_here = kRefusedHere.find(GetParam());
    const fs::path file = kFolder / GetParam();
    Expected expected = all.images.at(GetParam());
    if (refused_here != kRefusedHere.end() || (expected.refused && only_here == kOnlyHere.end())) {
        try {
            load_image(file);
            FAIL() << "no Error was thrown";
        } catch (const Error& error) {
            const std::string text = error.what();
            EXPECT_NE(text.find(GetParam()), std::string::npos) << text;
            const std::string reason = refused_here == kRefusedHere.end() ? "" : refused_here->second;
            EXPECT_NE(text.find(reason), std::string::npos) << text;
        }
        return;
    }
    const Image image = load_image(file);
    EXPECT_EQ(read_image_header(file).size, image.size());
    if (only_here != kOnlyHere.end()) {
        if (only_here->second.empty()) {
            EXPECT_GT(image.height(), 0);
            return;
        }
        expected = all.images.at(only_here->second);
    }
    ASSERT_EQ(image.size(), expected.size);
    EXPECT_LE(largest_difference(image, all.pixels.data() + expected.at), allowed_difference(GetParam()));
}

std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        const std::string suffix = entry.path().extension().string();
        if (suffix != ".json" && suffix != ".z" && suffix != ".py" && suffix != ".md")
            found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
}

std::string test_name(const testing::TestParamInfo<std::string>& image) {
    std::string name = image.param;
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Images, testing::ValuesIn(names()), test_name);

TEST(ImagesFolder, HoldsWhatWasRecorded) {
    EXPECT_GE(recorded().images.size(), 380U);
    EXPECT_EQ(names().size(), recorded().images.size());
}

// Gray that Ultralytics refuses or whitens: the values as they are.
TEST(ImagesOnlyHere, FloatAndTenBitGrayKeepTheirValues) {
    const Image plain = load_image(kFolder / "tiff_gray8.tif");
    for (const char* name : {"tiff_gray_float32.tif", "tiff_gray_float64.tif"}) {
        const Image image = load_image(kFolder / name);  // 1.01 times, less 0.4
        ASSERT_EQ(image.size(), plain.size());
        for (std::size_t i = 0; i < plain.size_bytes(); ++i) {
            const double wanted = plain.data()[i] * 1.01 - 0.4;
            ASSERT_NEAR(image.data()[i], std::clamp(wanted, 0.0, 255.0), 0.51) << name << " " << i;
        }
    }
    const Image deep = load_image(kFolder / "heic_10bit_gray.heic");
    const Image eight = load_image(kFolder / "heic_gray.heic");
    ASSERT_EQ(deep.size(), eight.size());
    EXPECT_LE(largest_difference(deep, eight.data()), 6);  // two lossy encodings of one image
}

}  // namespace
}  // namespace yolovino::vision
