#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/yolovino.hpp"

#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

Results example() {
    Results results;
    results.orig_img = Image(100, 200);
    std::fill_n(results.orig_img.data(), results.orig_img.size_bytes(), std::uint8_t{90});
    results.orig_shape = {100, 200};
    results.input_shape = {320, 640};
    results.path = "a.jpg";
    results.names = std::make_shared<const ClassNames>(ClassNames{"person", "../x", "say \"hi\""});
    results.boxes = {{20, 10, 60, 50, 0.9F, 0}, {100.5F, 20, 180, 90, 0.5F, 2}, {0, 0, 40, 40, 0.4F, 0}};
    return results;
}

TEST(Results, VerboseCountsByClass) {
    EXPECT_EQ(example().verbose(), "2 persons, 1 say \"hi\", ");
    EXPECT_EQ(Results().verbose(), "(no detections), ");
}

TEST(Results, LabelLinesAreNormalisedWithSixDigits) {
    const test::TempFolder folder;
    example().save_txt(folder.path() / "a.txt", true);
    std::ifstream stream(folder.path() / "a.txt");
    std::string line;
    std::getline(stream, line);
    EXPECT_EQ(line, "0 0.2 0.3 0.2 0.4 0.9");
    std::getline(stream, line);
    EXPECT_EQ(line, "2 0.70125 0.55 0.3975 0.7 0.5");
}

TEST(Results, NoDetectionsMakeNoLabelFile) {
    const test::TempFolder folder;
    Results().save_txt(folder.path() / "a.txt");
    EXPECT_FALSE(fs::exists(folder.path() / "a.txt"));
}

TEST(Results, CropsStayInTheirFolderWhateverTheClassIsCalled) {
    const test::TempFolder folder;
    Results results = example();
    results.boxes = {{20, 10, 60, 50, 0.9F, 1}, {20, 10, 60, 50, 0.8F, 0}, {30, 10, 60, 50, 0.7F, 0}};
    results.save_crop(folder.path() / "crops", "a");
    EXPECT_TRUE(fs::exists(folder.path() / "crops/.._x/a.jpg"));
    EXPECT_TRUE(fs::exists(folder.path() / "crops/person/a.jpg"));
    EXPECT_TRUE(fs::exists(folder.path() / "crops/person/a-2.jpg"));
    EXPECT_FALSE(fs::exists(folder.path() / "x"));
}

TEST(Results, JsonHasUltralyticsSummaryFields) {
    const auto line = nlohmann::json::parse(example().to_json());
    EXPECT_EQ(line.at("path"), "a.jpg");
    EXPECT_EQ(line.at("shape"), (std::vector<int>{100, 200}));
    const auto& second = line.at("detections").at(1);
    EXPECT_EQ(second.at("name"), "say \"hi\"");
    EXPECT_EQ(second.at("class"), 2);
    EXPECT_DOUBLE_EQ(second.at("confidence").get<double>(), 0.5);
    EXPECT_DOUBLE_EQ(second.at("box").at("x1").get<double>(), 100.5);
    EXPECT_DOUBLE_EQ(
        nlohmann::json::parse(example().to_json(true)).at("detections").at(1).at("box").at("x1").get<double>(), 0.5025);
}

TEST(Results, SelectRefusesAnObjectThatIsNotThere) {
    Results results;
    results.boxes = {{0, 0, 1, 1, 0.5F, 0}, {0, 0, 2, 2, 0.25F, 0}};
    const std::array<std::size_t, 2> there = {1, 1};
    ASSERT_EQ(results.select(there).boxes.size(), 2U);
    EXPECT_EQ(results.select(there).boxes[0].x2, 2);
    const std::array<std::size_t, 1> missing = {2};
    try {
        static_cast<void>(results.select(missing));
        FAIL() << "there is no object 2";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_NE(std::string(error.what()).find("object 2 is selected, there are 2"), std::string::npos);
    }
}

TEST(Results, PlotDrawsOnACopy) {
    const Results results = example();
    const Image plotted = results.plot();
    EXPECT_EQ(plotted.size(), results.orig_img.size());
    EXPECT_NE(std::memcmp(plotted.data(), results.orig_img.data(), plotted.size_bytes()), 0);
    EXPECT_EQ(results.orig_img.data()[0], 90);
    EXPECT_THROW(Results().plot(), Error);
}

}  // namespace
}  // namespace yolovino
