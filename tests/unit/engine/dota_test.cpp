// The text files for a dataset of rotated boxes whose folder is named as DOTA's, with tiles of large images, against
// those that Ultralytics wrote (tests/golden/dota).

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "yolovino/yolovino.hpp"

#include "base/file.hpp"
#include "support/files.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kFolder = YOLOVINO_SOURCE_DIR "/assets/sample";
constexpr double kMergedScore = 1e-3 + test::kConf;  // has three decimals there

/// `image score x1 y1 … x4 y4`
struct Line {
    std::string image;
    std::vector<double> numbers;
};

std::vector<Line> lines_of(const std::string& text) {
    std::vector<Line> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        Line& each = lines.emplace_back();
        words >> each.image;
        for (double number = 0; words >> number;) each.numbers.push_back(number);
    }
    return lines;
}

bool are_close(const Line& a, const Line& b, double score) {
    if (a.image != b.image || a.numbers.size() != b.numbers.size()) return false;
    for (std::size_t i = 0; i < a.numbers.size(); ++i) {
        if (!(std::abs(a.numbers[i] - b.numbers[i]) <= (i == 0 ? score : test::kBoxPx))) return false;
    }
    return true;
}

/// The tiles as the recorder made them.
fs::path make_dataset(const fs::path& root, const json& tiles) {
    const fs::path folder = root / "DOTA-shapes";
    const fs::path source = kFolder / "shapes-val-obb";
    fs::create_directories(folder / "images/val");
    fs::create_directories(folder / "labels/val");
    for (const auto& [image, name] : tiles.items()) {
        const fs::path file = image;
        const std::string tile = name;
        fs::copy(source / "images/val" / file, folder / "images/val" / (tile + file.extension().string()));
        const fs::path label = source / "labels/val" / (file.stem().string() + ".txt");
        if (fs::exists(label)) fs::copy(label, folder / "labels/val" / (tile + ".txt"));
    }
    const fs::path yaml = folder / "DOTA-shapes.yaml";
    base::write_text_file(yaml,
                          fmt::format("path: {}\nval: images/val\nnames: [triangle, square, star]\n", folder.string()));
    return yaml;
}

TEST(Dota, FilesOfTilesAndOfMergedImagesEqualTheRecordedOnesInOpenvinoF32OnTheCpu) {
    const json recorded =
        json::parse(base::read_text_file(YOLOVINO_SOURCE_DIR "/tests/golden/dota/dota.json", 1U << 20U));
    const test::TempFolder folder;
    ValArgs args;
    args.data = make_dataset(folder.path(), recorded.at("tiles"));
    args.imgsz = ImageSize{128, 128};
    args.batch = 4;
    args.conf = 0.05;
    args.save_json = true;
    args.plots = false;
    args.runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32};
    args.project = (folder.path() / "runs").string();
    args.verbose = false;
    const ValResults measured = Model(kFolder / "yolov8-shapes-obb.pt").val(args);

    std::size_t files = 0;
    for (const auto& [name, text] : recorded.at("files").items()) {
        const std::vector<Line> theirs = lines_of(text);
        std::vector<Line> ours = lines_of(base::read_text_file(measured.save_dir / name, 1U << 20U));
        EXPECT_EQ(ours.size(), theirs.size()) << name;
        const double score = name.starts_with("predictions_merged_txt") ? kMergedScore : test::kConf;
        for (const Line& line : theirs) {
            const auto same =
                std::ranges::find_if(ours, [&](const Line& each) { return are_close(each, line, score); });
            ASSERT_NE(same, ours.end()) << name << ": no line is close to " << line.image << " " << line.numbers[0]
                                        << " " << line.numbers[1];
            ours.erase(same);
        }
        ++files;
    }
    EXPECT_EQ(files, 6U);
    std::set<std::string> written;
    for (const auto& entry : fs::recursive_directory_iterator(measured.save_dir)) {
        const std::string name = entry.path().lexically_relative(measured.save_dir).string();
        if (name.starts_with("predictions_") && entry.is_regular_file()) written.insert(name);
    }
    EXPECT_EQ(written.size(), files);
}

}  // namespace
}  // namespace yolovino
