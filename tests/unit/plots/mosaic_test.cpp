#include <cstring>
#include <gtest/gtest.h>

#include "helpers.hpp"
#include "plots/plots.hpp"

namespace yolovino::plots {
namespace {

namespace fs = std::filesystem;
using test::count_color;
using test::error_of;

Image plain(int height, int width, std::uint8_t level) {
    Image image(height, width);
    std::memset(image.data(), level, image.size_bytes());
    return image;
}

class Mosaic : public ::testing::Test {
protected:
    Image drawn(const std::vector<MosaicTile>& tiles, MosaicKind kind = MosaicKind::Labels,
                const ClassNames& names = {"person", "dog"}) const {
        const fs::path file = folder_.path() / "mosaic.png";
        mosaic(tiles, names, kind, file);
        return vision::load_image(file);
    }
    test::TempFolder folder_;
};

TEST_F(Mosaic, LaysTilesColumnAfterColumn) {
    const std::vector<MosaicTile> tiles = {
        {plain(100, 100, 10), {}, "a"}, {plain(100, 100, 60), {}, "b"}, {plain(100, 100, 110), {}, "c"}};
    const Image image = drawn(tiles);
    EXPECT_EQ(image.size(), (ImageSize{260, 212}));
    EXPECT_EQ(test::pixel(image, 80, 50), 0x0a0a0aU);
    EXPECT_EQ(test::pixel(image, 200, 50), 0x3c3c3cU);
    EXPECT_EQ(test::pixel(image, 80, 160), 0x6e6e6eU);
    EXPECT_EQ(test::pixel(image, 200, 160), 0xffffffU);
}

TEST_F(Mosaic, StaysWithinItsSide) {
    for (const std::size_t count : {1U, 2U, 5U, 16U, 20U}) {
        const std::vector<MosaicTile> tiles(count, {plain(640, 640, 90), {}, "picture.jpg"});
        const Image image = drawn(tiles);
        EXPECT_LE(std::max(image.height(), image.width()), kMaxMosaicSide);
        EXPECT_GT(std::max(image.height(), image.width()), 600);
        const double filled = static_cast<double>(count_color(image, 0x5a5a5a)) / (image.height() * image.width());
        EXPECT_GT(filled, 0.6) << count;
    }
}

TEST_F(Mosaic, DrawsBoxesWhereTheyAre) {
    // 16 tiles are drawn at less than their size; the box is the left half of each.
    const std::vector<MosaicTile> tiles(16, {plain(640, 640, 90), {{0, 100, 320, 600, 0, 0}}, ""});
    const Image image = drawn(tiles);
    int last = 0;
    const int y = 350;
    for (int x = 0; x < image.width() / 4; ++x) last = test::pixel(image, y, x) == 0x042affU ? x : last;
    EXPECT_NEAR(last, image.width() / 8, 6);
}

TEST_F(Mosaic, LeavesOutWeakPredictions) {
    const std::vector<MosaicTile> tiles = {
        {plain(640, 640, 90), {{20, 100, 300, 600, 0.9F, 0}, {330, 100, 600, 600, 0.2F, 1}}, ""}};
    const Image predictions = drawn(tiles, MosaicKind::Predictions);
    EXPECT_GT(count_color(predictions, 0x042aff), 1000U);
    EXPECT_EQ(count_color(predictions, 0x0bdbeb), 0U);
    EXPECT_GT(count_color(drawn(tiles), 0x0bdbeb), 1000U) << "labels have no score";
}

TEST_F(Mosaic, TakesTilesOfDifferentSizesAndHostileNames) {
    const fs::path mark = folder_.path() / "mark";
    const ClassNames names = test::hostile_names(mark);
    std::vector<MosaicTile> tiles;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const float nan = std::nanf("");
        tiles.push_back({plain(300 + static_cast<int>(i) * 20, 640, 90),
                         {{10, 10, 200, 200, 0.5F, static_cast<int>(i)}, {nan, -1e30F, 1e30F, nan, 0.5F, 99}},
                         names[i]});
    }
    EXPECT_GT(test::distinct_colors(drawn(tiles, MosaicKind::Predictions, names)), 20U);
}

TEST_F(Mosaic, WritesJpeg) {
    const fs::path file = folder_.path() / "val_batch0_labels.jpg";
    mosaic({{plain(64, 64, 90), {}, "a.jpg"}}, {}, MosaicKind::Labels, file);
    EXPECT_EQ(vision::load_image(file).size(), (ImageSize{96, 72}));
}

TEST_F(Mosaic, RefusesWhatHasNoPicture) {
    EXPECT_EQ(error_of([&] { drawn({}); })->code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(error_of([&] { drawn({{Image(), {}, "a"}}); })->code(), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace yolovino::plots
