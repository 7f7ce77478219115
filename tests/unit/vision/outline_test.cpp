#include "vision/outline.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "vision/mask_resizer.hpp"

namespace yolovino::vision {
namespace {

/// A mask at (top, left), of which each `#` is a pixel.
Masks::Instance mask_of(const std::vector<std::string>& rows, int top = 0, int left = 0) {
    const int width = static_cast<int>(rows.front().size());
    Masks::Instance mask{top, left, static_cast<int>(rows.size()), width, {}};
    const auto words = static_cast<std::size_t>(words_of_row(width));
    mask.bits.resize(words * rows.size());
    for (std::size_t y = 0; y < rows.size(); ++y) {
        for (std::size_t x = 0; x < rows[y].size(); ++x) {
            if (rows[y][x] == '#') mask.bits[y * words + x / 64] |= std::uint64_t{1} << (x % 64);
        }
    }
    return mask;
}

TEST(Outline, OfARectangleHasItsCornersInTheGrid) {
    const auto contours = outer_contours(mask_of({"....", ".##.", ".##.", "...."}, 10, 20));
    ASSERT_EQ(contours.size(), 1U);
    EXPECT_EQ(contours[0], (Contour{{21, 11}, {21, 12}, {22, 12}, {22, 11}}));
}

TEST(Outline, ReachesTheBordersOfTheWindow) {
    const auto contours = outer_contours(mask_of({"###", "###", "###"}));
    ASSERT_EQ(contours.size(), 1U);
    EXPECT_EQ(contours[0], (Contour{{0, 0}, {0, 2}, {2, 2}, {2, 0}}));
}

TEST(Outline, LeavesHolesOut) {
    const auto contours = outer_contours(mask_of({"###", "#.#", "###"}));
    ASSERT_EQ(contours.size(), 1U);
    EXPECT_EQ(contours[0].size(), 4U);
}

TEST(Outline, OfASinglePixelIsOnePoint) {
    EXPECT_EQ(outer_contours(mask_of({"#"}, 3, 4)), (std::vector<Contour>{{{4, 3}}}));
}

TEST(Outline, OfAnEmptyMaskIsEmpty) {
    EXPECT_TRUE(outer_contours(mask_of({"...", "..."})).empty());
    EXPECT_TRUE(outer_contours({}).empty());
    EXPECT_TRUE(join_contours({}).empty());
}

TEST(Outline, CrossesWordsOfBits) {
    std::string row(130, '.');
    row[63] = row[64] = row[129] = '#';
    const auto contours = outer_contours(mask_of({row}));
    ASSERT_EQ(contours.size(), 2U);
    EXPECT_EQ(contours[0], (Contour{{129, 0}}));
    EXPECT_EQ(contours[1], (Contour{{63, 0}, {64, 0}}));
}

TEST(Outline, OfOnePartIsItself) {
    const Contour square = {{0, 0}, {0, 2}, {2, 2}, {2, 0}};
    EXPECT_EQ(join_contours({square}), square);
}

TEST(Outline, OfTwoPartsIsJoinedAtTheNearestPoints) {
    const Contour a = {{0, 0}, {0, 2}, {2, 2}, {2, 0}};
    const Contour b = {{5, 1}, {9, 3}, {9, 1}};
    // From (2, 2) to (5, 1) is as far as from (2, 0): the first of both counts. Each part is closed.
    EXPECT_EQ(join_contours({a, b}), (Contour{{2, 2}, {2, 0}, {0, 0}, {0, 2}, {2, 2}, {5, 1}, {9, 3}, {9, 1}, {5, 1}}));
}

TEST(Outline, WalksTheMiddlePartOnBothWays) {
    const Contour a = {{0, 0}, {1, 1}};
    const Contour middle = {{4, 0}, {6, 1}, {8, 0}, {6, -1}};
    const Contour c = {{10, 0}};
    EXPECT_EQ(join_contours({a, middle, c}),
              (Contour{{1, 1}, {0, 0}, {1, 1}, {4, 0}, {6, 1}, {8, 0}, {10, 0}, {10, 0}, {8, 0}, {6, -1}, {4, 0}}));
}

TEST(Outline, TurnsAMiddlePartThatIsWalkedBackwards) {
    const Contour a = {{0, 0}, {1, 1}};
    const Contour middle = {{8, 0}, {6, 1}, {4, 0}, {6, -1}};
    const Contour c = {{10, 0}};
    // Reversed, it is joined at its points 1 and 3.
    EXPECT_EQ(join_contours({a, middle, c}),
              (Contour{{1, 1}, {0, 0}, {1, 1}, {4, 0}, {6, 1}, {8, 0}, {10, 0}, {10, 0}, {8, 0}, {6, -1}, {4, 0}}));
}

TEST(Outline, JoinsAMiddlePartAtOnePoint) {
    const Contour a = {{0, 0}};
    const Contour middle = {{4, 0}};
    const Contour c = {{8, 0}};
    EXPECT_EQ(join_contours({a, middle, c}), (Contour{{0, 0}, {0, 0}, {4, 0}, {8, 0}, {8, 0}, {4, 0}, {4, 0}}));
}

}  // namespace
}  // namespace yolovino::vision
