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
    Image drawn(const std::vector<MosaicTile>& tiles) const {
        const fs::path file = folder_.path() / "mosaic.png";
        mosaic(tiles, file);
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

TEST_F(Mosaic, StaysWithinItsMaximumSize) {
    for (const std::size_t count : {1U, 2U, 5U, 16U, 20U}) {
        const std::vector<MosaicTile> tiles(count, {plain(640, 640, 90), {}, "picture.jpg"});
        const Image image = drawn(tiles);
        EXPECT_LE(std::max(image.height(), image.width()), kMaxMosaicSide);
        EXPECT_GT(std::max(image.height(), image.width()), 600);
        const double filled = static_cast<double>(count_color(image, 0x5a5a5a)) / (image.height() * image.width());
        EXPECT_GT(filled, 0.6) << count;
    }
}

TEST_F(Mosaic, LetsTilesBeDrawnAtTheSizeOfTheirPlace) {
    // 16 tiles are drawn at less than their size; each fills its left half.
    const auto fill_left_half = [](Image& image) {
        for (int y = 0; y < image.height(); ++y)
            std::memset(image.row(y), 0, static_cast<std::size_t>(image.width() / 2) * 3);
    };
    const std::vector<MosaicTile> tiles(16, {plain(640, 640, 90), fill_left_half, ""});
    const Image image = drawn(tiles);
    int last = 0;
    const int y = 350;
    for (int x = 0; x < image.width() / 4; ++x) last = test::pixel(image, y, x) == 0x000000U ? x : last;
    EXPECT_NEAR(last, image.width() / 8, 6);
}

TEST_F(Mosaic, TakesTilesOfDifferentSizesAndHostileNames) {
    const fs::path mark = folder_.path() / "mark";
    const ClassNames names = test::hostile_names(mark);
    std::vector<MosaicTile> tiles;
    for (std::size_t i = 0; i < names.size(); ++i)
        tiles.push_back({plain(300 + static_cast<int>(i) * 20, 640, static_cast<std::uint8_t>(20 * i)), {}, names[i]});
    EXPECT_GT(test::distinct_colors(drawn(tiles)), names.size());
}

TEST_F(Mosaic, IsWrittenAsJpeg) {
    const fs::path file = folder_.path() / "val_batch0_labels.jpg";
    mosaic({{plain(64, 64, 90), {}, "a.jpg"}}, file);
    EXPECT_EQ(vision::load_image(file).size(), (ImageSize{96, 72}));
}

TEST_F(Mosaic, RefusesTilesWithoutAnImage) {
    EXPECT_EQ(error_of([&] { drawn({}); })->code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(error_of([&] { drawn({{Image(), {}, "a"}}); })->code(), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace yolovino::plots
