#include "vision/label_outline.hpp"

#include <gtest/gtest.h>
#include <string>

#include "vision/mask_resizer.hpp"

namespace yolovino::vision {
namespace {

const std::vector<Point> kOutline = {{0.1F, 0.2F}, {0.7F, 0.25F}, {0.6F, 0.9F}, {0.15F, 0.8F}};

/// The rows of a grid, `1` for each pixel of the mask.
std::vector<std::string> rows_of(const Masks::Instance& mask, ImageSize grid) {
    std::vector<std::string> rows(static_cast<std::size_t>(grid.height),
                                  std::string(static_cast<std::size_t>(grid.width), '0'));
    const auto words = static_cast<std::size_t>(words_of_row(mask.width));
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            const auto bit = static_cast<std::size_t>(x);
            if ((mask.bits[static_cast<std::size_t>(y) * words + bit / 64] >> (bit % 64) & 1U) != 0)
                rows.at(static_cast<std::size_t>(mask.top + y)).at(static_cast<std::size_t>(mask.left + x)) = '1';
        }
    }
    return rows;
}

// Recorded with NumPy: linspace over the vertices, the whole numbers inserted, interp, stored as f32.
TEST(LabelOutline, IsResampledAsUltralyticsDoesIt) {
    const std::vector<Point> wanted = {{0.1F, 0.2F},
                                       {0.1F, 0.2F},
                                       {0.5F, 0.23333333432674408F},
                                       {0.7F, 0.25F},
                                       {0.6666666865348816F, 0.46666666865348816F},
                                       {0.6F, 0.9F},
                                       {0.6F, 0.9F},
                                       {0.30000001192092896F, 0.8333333134651184F},
                                       {0.15F, 0.8F},
                                       {0.13333334028720856F, 0.6000000238418579F},
                                       {0.1F, 0.2F},
                                       {0.1F, 0.2F}};
    EXPECT_EQ(resampled(kOutline, 12), wanted);
    EXPECT_EQ(resampled(kOutline, 4), kOutline);
    EXPECT_EQ(resampled(kOutline, 5),
              (std::vector<Point>{kOutline[0], kOutline[1], kOutline[2], kOutline[3], kOutline[0]}));
    EXPECT_EQ(resampled(kOutline, 3), (std::vector<Point>{kOutline[0], kOutline[2], kOutline[0]}));
}

TEST(LabelOutline, OfOnePointIsResampled) {
    const std::vector<Point> one = {{0.5F, 0.25F}};
    EXPECT_EQ(resampled(one, 3), (std::vector<Point>{one[0], one[0], one[0]}));
}

// Recorded with OpenCV 5.0.0: fillPoly of the truncated corners, resize to a quarter.
TEST(LabelOutline, IsFilledAsOpencvDoesIt) {
    EXPECT_EQ(rows_of(quarter_mask(std::vector<Point>{{3, 2}, {29.9F, 5.2F}, {25, 30}, {6.5F, 22}}, {32, 32}), {8, 8}),
              (std::vector<std::string>{"01000000", "01111111", "01111110", "01111110", "01111110", "01111110",
                                        "00011110", "00000010"}));
    EXPECT_EQ(
        rows_of(quarter_mask(std::vector<Point>{{-8, -3}, {70, 4}, {40, 50}}, {32, 64}), {8, 16}),
        (std::vector<std::string>{"1111111111110000", "1111111111111111", "0111111111111111", "0011111111111111",
                                  "0001111111111110", "0000111111111110", "0000111111111100", "0000011111111100"}));
    EXPECT_EQ(rows_of(quarter_mask(std::vector<Point>{{5, 5}, {5.5F, 5.5F}, {6, 5}}, {32, 32}), {8, 8})[1], "01000000");
}

TEST(LabelOutline, OutsideOfTheCanvasIsEmpty) {
    const Masks::Instance mask = quarter_mask(std::vector<Point>{{-80, -80}, {-40, -80}, {-40, -40}}, {32, 32});
    EXPECT_EQ(mask.height, 0);
    EXPECT_TRUE(mask.bits.empty());
    const Masks::Instance far = quarter_mask(std::vector<Point>{{-1e30F, 0}, {1e30F, 0}, {0, 1e30F}}, {32, 32});
    EXPECT_EQ(far.height, 8);
}

TEST(LabelOutline, MasksAreEnlargedByHalves) {
    const Masks::Instance mask{1, 1, 1, 1, {1}};
    const std::vector<std::string> rows = rows_of(enlarged_four_times(mask, {3, 3}), {12, 12});
    EXPECT_EQ(rows[3], "000000000000");
    EXPECT_EQ(rows[5], "000011110000");
    EXPECT_EQ(rows[8], "000000000000");
}

// Recorded with OpenCV 5.0.0: minAreaRect, then normalised.
TEST(LabelOutline, HasASmallestRotatedBox) {
    const RotatedBox flat = smallest_rotated_box(std::vector<Point>{{10, 10}, {50, 12}, {49, 30}, {9, 28}});
    EXPECT_NEAR(flat.cx, 29.5, 1e-4);
    EXPECT_NEAR(flat.cy, 20, 1e-4);
    EXPECT_NEAR(flat.width, 40.14984, 1e-4);
    EXPECT_NEAR(flat.height, 18.02748, 1e-4);
    EXPECT_NEAR(flat.angle, 0.0499584, 1e-5);
    const RotatedBox upright = smallest_rotated_box(std::vector<Point>{{10, 10}, {12, 50}, {30, 49}, {28, 9}});
    EXPECT_NEAR(upright.width, 40.14984, 1e-4);
    EXPECT_NEAR(upright.angle, 1.5208379, 1e-5);
}

TEST(LabelOutline, PolygonsOfOneObjectAreJoined) {
    const std::vector<Corner> one = join_polygons({{{0, 0}, {4, 0}, {4, 4}}, {{6, 4}, {9, 4}, {9, 8}}});
    ASSERT_EQ(one.size(), 8U);
    EXPECT_EQ(one[0].x, 4) << "the first begins where it is nearest to the second";
    EXPECT_EQ(one[0].y, 4);
    EXPECT_EQ(one[3].x, 4);
    EXPECT_EQ(one[4].x, 6);
    EXPECT_EQ(one[7].x, 6);
}

}  // namespace
}  // namespace yolovino::vision
