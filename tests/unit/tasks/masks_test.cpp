#include "yolovino/masks.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "yolovino/error.hpp"

namespace yolovino {
namespace {

/// Two objects on a grid of 8 x 8 that covers an image of 40 x 20: a square, and two pixels apart.
Masks sample() {
    return {{8, 8}, {20, 40}, {{3, 1, 2, 2, {3, 3}}, {4, 0, 1, 8, {0x81}}}};
}

ErrorCode code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::RuntimeFailure;
}

TEST(Masks, PixelsLieWhereTheBoxDoes) {
    const Masks masks = sample();
    ASSERT_EQ(masks.size(), 2U);
    const std::vector<std::uint8_t> pixels = masks.data(0);
    ASSERT_EQ(pixels.size(), 64U);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const bool inside = (i / 8 == 3 || i / 8 == 4) && (i % 8 == 1 || i % 8 == 2);
        EXPECT_EQ(pixels[i], inside ? 1 : 0) << i;
    }
    EXPECT_EQ(masks.area_px(0), 4U);
    EXPECT_EQ(masks.area_px(1), 2U);
}

TEST(Masks, OutlinesAreScaledToTheImage) {
    // Five image pixels for each of the grid, which has borders of 2 above and below
    EXPECT_EQ(sample().xy(0), (std::vector<Point>{{5, 5}, {5, 10}, {10, 10}, {10, 5}}));
    EXPECT_EQ(sample().xyn(0), (std::vector<Point>{{0.125F, 0.25F}, {0.125F, 0.5F}, {0.25F, 0.5F}, {0.25F, 0.25F}}));
}

TEST(Masks, OutlineOfSeveralPartsIsOneLine) {
    EXPECT_EQ(sample().xy(1), (std::vector<Point>{{35, 10}, {35, 10}, {0, 10}, {0, 10}}));
}

TEST(Masks, OutlinesInBordersAreClippedToTheImage) {
    const Masks masks{{8, 8}, {20, 40}, {{0, 0, 8, 1, {1, 1, 1, 1, 1, 1, 1, 1}}}};
    EXPECT_EQ(masks.xy(0), (std::vector<Point>{{0, 0}, {0, 20}}));
}

TEST(Masks, OfTheImagesSizeAreNotScaled) {
    const Masks masks{{20, 40}, {20, 40}, {{7, 30, 2, 2, {3, 3}}}};
    EXPECT_EQ(masks.xy(0), (std::vector<Point>{{30, 7}, {30, 8}, {31, 8}, {31, 7}}));
}

TEST(Masks, AnEmptyMaskHasNoOutline) {
    const Masks masks{{8, 8}, {20, 40}, {{0, 0, 2, 2, {0, 0}}, {}}};
    for (const std::size_t object : {0U, 1U}) {
        EXPECT_TRUE(masks.xy(object).empty());
        EXPECT_TRUE(masks.xyn(object).empty());
        EXPECT_EQ(masks.area_px(object), 0U);
    }
}

TEST(Masks, StrangeMasksAreErrors) {
    EXPECT_EQ(code_of([] { sample().xy(2); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of([] { Masks().data(0); }), ErrorCode::InvalidArgument);
    constexpr int kMost = std::numeric_limits<int>::max();
    for (const Masks::Instance& strange :
         {Masks::Instance{7, 0, 2, 2, {3, 3}}, Masks::Instance{0, -1, 2, 2, {3, 3}}, Masks::Instance{0, 0, 2, 2, {3}},
          Masks::Instance{0, 0, -2, 2, {}}, Masks::Instance{kMost, kMost, kMost, kMost, {}}}) {
        const Masks masks{{8, 8}, {20, 40}, {strange}};
        EXPECT_EQ(code_of([&] { masks.data(0); }), ErrorCode::InvalidArgument);
        EXPECT_EQ(code_of([&] { masks.area_px(0); }), ErrorCode::InvalidArgument);
        EXPECT_EQ(code_of([&] { masks.xy(0); }), ErrorCode::InvalidArgument);
        EXPECT_EQ(code_of([&] { masks.xyn(0); }), ErrorCode::InvalidArgument);
    }
    const Masks without_image{{8, 8}, {0, 0}, {{3, 1, 2, 2, {3, 3}}}};
    EXPECT_EQ(code_of([&] { without_image.xy(0); }), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace yolovino
