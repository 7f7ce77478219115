/// Images of every container through the real command.
#include <array>
#include <fmt/format.h>
#include <sstream>
#include <vector>

#include "support/command.hpp"
#include "support/samples.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::kSample;
const fs::path kImages = fs::path(YOLOVINO_SOURCE_DIR) / "tests/data/images";
const std::string kOptions = " imgsz=320 device=cpu precision=f32 runtime=openvino";

class FieldImages : public test::Command {
protected:
    test::Outcome predict(const fs::path& source, const std::string& more = {}) const {
        return yolo("predict model='" + kSample + "' source='" + source.string() + "'" + kOptions + more);
    }
    fs::path list_of(const std::vector<std::string>& names) const {
        const fs::path list = folder.path() / "images.txt";
        std::ofstream lines(list);
        for (const std::string& name : names) lines << (kImages / name).string() << "\n";
        return list;
    }
};

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

/// Rows of a label file: class, centre, size, confidence.
using Row = std::array<double, 6>;

std::vector<Row> rows_of(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<Row> rows;
    Row row;
    while (stream >> row[0] >> row[1] >> row[2] >> row[3] >> row[4] >> row[5]) rows.push_back(row);
    return rows;
}

struct Case {
    std::string file;
    std::vector<Row> rows;  ///< of Ultralytics 8.4.190
    double tolerance;       ///< of the shares of the image; ten times as much for the confidence
};

TEST_F(FieldImages, CasesGiveTheBoxesOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    // Ultralytics resizes floats, we their rounded values.
    const std::vector<Case> cases = {
        {"orientation6.webp",
         {{1, 0.29454, 0.3966, 0.19026, 0.19984, 0.42721}, {3, 0.22606, 0.82068, 0.13487, 0.06789, 0.38306}},
         1e-4},
        {"orientation6_long_tag.jpg",
         {{1, 0.28183, 0.39662, 0.21604, 0.2002, 0.46406}, {3, 0.2268, 0.82111, 0.13353, 0.06701, 0.36226}},
         1e-4},
        {"animated.webp",
         {{1, 0.29004, 0.39688, 0.19832, 0.19926, 0.42261}, {3, 0.22672, 0.82093, 0.13276, 0.06718, 0.38437}},
         1e-4},
        {"float.tif",
         {{1, 0.28904, 0.39671, 0.19952, 0.19944, 0.42953}, {3, 0.22626, 0.82093, 0.13505, 0.0672, 0.36872}},
         1e-3},
        {"plain.avif",
         {{1, 0.28841, 0.3965, 0.20273, 0.20019, 0.42732}, {3, 0.22546, 0.8209, 0.13635, 0.06771, 0.38356}},
         1e-4}};
    for (const Case& wanted : cases) {
        SCOPED_TRACE(wanted.file);
        const fs::path file = test::shared_dir() / "cases/pictures" / wanted.file;
        const test::Outcome outcome = predict(file, " save_txt=True save_conf=True name=" + wanted.file);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        const std::string label = file.stem().string() + ".txt";
        const std::vector<Row> rows = rows_of(folder.path() / "runs/detect" / wanted.file / "labels" / label);
        ASSERT_EQ(rows.size(), wanted.rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(rows[i][0], wanted.rows[i][0]);
            for (std::size_t k = 1; k < 5; ++k) EXPECT_NEAR(rows[i][k], wanted.rows[i][k], wanted.tolerance) << i << k;
            EXPECT_NEAR(rows[i][5], wanted.rows[i][5], wanted.tolerance * 10) << i;
        }
    }
}

TEST_F(FieldImages, OrientationIsAppliedInEveryContainer) {
    const std::vector<std::string> upright = {
        "jpeg_exif6_le.jpg",  "jpeg_exif6_be.jpg",  "jpeg_exif_long_le.jpg",  "jpeg_exif_long_be.jpg",
        "png_exif6_le.png",   "png_exif6_be.png",   "png_exif_long_le.png",   "png_exif_long_be.png",
        "webp_exif6_le.webp", "webp_exif6_be.webp", "webp_exif_long_le.webp", "webp_exif_long_be.webp",
        "tiff_exif6_le.tif",  "tiff_exif6_be.tif",  "tiff_exif6_long.tif",    "webp_animated_exif.webp",
        "avif_irot3.avif",    "heic_exif6.heic",    "tiff_exif6_float.tif",   "tiff_exif6_big.tif"};
    const test::Outcome outcome = predict(list_of(upright), " save=False");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const std::string& name : upright) {
        // 10x14 or 16x24 as stored: taller than wide once they are turned
        const bool found = outcome.out.find(name + ": 320x256 ") != std::string::npos ||
                           outcome.out.find(name + ": 320x224 ") != std::string::npos;
        EXPECT_TRUE(found) << name << "\n" << outcome.out;
    }
}

TEST_F(FieldImages, ContentCountsNotTheSuffix) {
    const std::vector<std::string> names = {"gif_still_named.jpg",  "gif_animated_named.jpg", "webp_named.jpg",
                                            "png_named.jpg",        "avif_named.jpg",         "heic_named.jpg",
                                            "tiff_float_named.jpg", "jpeg_named.png"};
    const test::Outcome outcome = predict(list_of(names), " save=False");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string line = fmt::format("image {}/8 {}: ", i + 1, (kImages / names[i]).string());
        EXPECT_EQ(count_of(outcome.out, line), 1U) << line << "\n" << outcome.out;
    }
}

TEST_F(FieldImages, OneReportForOneDamagedImage) {
    for (const auto& [name, reason] :
         std::vector<std::pair<std::string, std::string>>{{"webp_cut.webp", "its data is damaged or truncated"},
                                                          {"avif_cut.avif", "Truncated data"},
                                                          {"heic_cut.heic", "Unexpected end of file"},
                                                          {"gif_cut.gif.jpg", "Failed to read from given file"},
                                                          {"tiff_cut.tif", "Read error on strip 0"},
                                                          {"jpeg_lossless.jpg", "Unsupported JPEG process"},
                                                          {"dng_mosaic.dng", "it holds the raw data of a sensor"}}) {
        fs::path source = kImages / name;
        if (name == "gif_cut.gif.jpg") fs::copy_file(kImages / "gif_cut.gif", source = folder.path() / name);
        const test::Outcome outcome = predict(source, " save=False");
        EXPECT_NE(outcome.status, 0) << name;
        EXPECT_EQ(count_of(outcome.err, source.string()), 1U) << outcome.err;
        EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome.err;
        EXPECT_NE(outcome.err.find("; convert it to "), std::string::npos) << outcome.err;
    }
}

TEST_F(FieldImages, ValidationLeavesDamagedOnesOutAndCountsThem) {
    const fs::path sample = fs::path(YOLOVINO_SOURCE_DIR) / "assets/sample/shapes-val";
    for (const char* kind : {"images", "labels"}) {
        fs::create_directories(folder.path() / kind / "val");
        for (int i = 0; i < 4; ++i) {
            const std::string name = fmt::format("{:04}{}", i, std::string_view(kind) == "images" ? ".jpg" : ".txt");
            fs::copy_file(sample / kind / "val" / name, folder.path() / kind / "val" / name);
        }
    }
    for (const char* name : {"webp_cut.webp", "avif_cut.avif", "heic_cut.heic", "tiff_cut.tif", "png_cut.png"})
        fs::copy_file(kImages / name, folder.path() / "images/val" / name);
    std::ofstream(folder.path() / "d.yaml")
        << "train: images/val\nval: images/val\nnames: [circle, square, triangle, star]\n";
    const test::Outcome outcome = yolo("val model='" + kSample + "' data=d.yaml plots=False" + kOptions);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(count_of(outcome.err, "ignoring corrupt image/label: "), 5U) << outcome.err;
    EXPECT_NE(outcome.err.find("5 image(s) were skipped as corrupt"), std::string::npos) << outcome.err;
}

/// From one pixel to strips of 20000 x 30; a side that the letterbox would round to nothing keeps a row.
TEST_F(FieldImages, ExtremeSizesArePredicted) {
    for (const auto& [width, height] :
         std::vector<std::pair<int, int>>{{1, 1}, {20000, 30}, {30, 20000}, {1, 5000}, {9, 2}}) {
        // The content counts, not the suffix: a Netpbm image needs no encoder.
        const std::string name = fmt::format("{}x{}.jpg", width, height);
        const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
        std::ofstream(folder.path() / name, std::ios::binary)
            << fmt::format("P6\n{} {}\n255\n", width, height) << std::string(bytes, 'x');
        const test::Outcome outcome = predict(name, " save=False save_json=True verbose=False");
        EXPECT_EQ(outcome.status, 0) << name << outcome.err;
        EXPECT_NE(outcome.out.find(fmt::format("\"shape\":[{},{}]", height, width)), std::string::npos)
            << name << outcome.out;
    }
}

}  // namespace
}  // namespace yolovino
