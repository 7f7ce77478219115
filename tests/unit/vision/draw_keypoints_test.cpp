#include "vision/draw_keypoints.hpp"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

#include "helpers.hpp"

namespace yolovino::vision {
namespace {

Image drawn(const Keypoints& keypoints, const PlotArgs& args = {}) {
    Image image(200, 300);
    std::memset(image.data(), 90, image.size_bytes());
    draw_keypoints(image, keypoints, args);
    return image;
}

/// A person all of whose keypoints but the given ones lie in one place, not visible.
Keypoints person(const std::vector<std::pair<std::size_t, Point>>& visible) {
    Keypoints keypoints{{17, 3}, {200, 300}, std::vector<float>(51, 0)};
    for (const auto& [index, point] : visible) {
        keypoints.data[3 * index] = point.x;
        keypoints.data[3 * index + 1] = point.y;
        keypoints.data[3 * index + 2] = 0.9F;
    }
    return keypoints;
}

std::vector<int> pixel(const Image& image, int y, int x) {
    const std::uint8_t* at = image.row(y) + 3 * x;
    return {at[0], at[1], at[2]};
}

const std::vector<int> kGround = {90, 90, 90};

TEST(DrawKeypoints, PersonsHaveColoursByPart) {
    const Image image = drawn(person({{0, {50.9F, 40}}, {5, {100, 40}}, {11, {150, 40}}}), {.kpt_line = false});
    EXPECT_EQ(pixel(image, 40, 50), (std::vector<int>{0, 255, 0}));
    EXPECT_EQ(pixel(image, 40, 100), (std::vector<int>{255, 128, 0}));
    EXPECT_EQ(pixel(image, 40, 150), (std::vector<int>{51, 153, 255}));
    EXPECT_EQ(pixel(image, 0, 0), kGround) << "what is not visible is not drawn";
    EXPECT_EQ(pixel(image, 40, 75), kGround);
}

TEST(DrawKeypoints, LimbsJoinVisibleKeypoints) {
    const Keypoints arm = person({{5, {50, 40}}, {7, {150, 40}}, {9, {150, 140}}});
    const Image image = drawn(arm);
    const std::vector<int> smoothed = {240, 125, 8};  // 255, 128, 0, one pixel wide, over the ground
    EXPECT_EQ(pixel(image, 40, 100), smoothed);
    EXPECT_EQ(pixel(image, 90, 150), smoothed);
    EXPECT_EQ(pixel(drawn(arm, {.kpt_line = false}), 40, 100), kGround);
    EXPECT_EQ(pixel(drawn(person({{5, {50, 40}}})), 20, 25), kGround) << "no limb to what is not visible";
}

TEST(DrawKeypoints, OtherObjectsHaveTheColoursOfClassesAndNoLimbs) {
    const Keypoints two{{2, 2}, {200, 300}, {50, 40, 100, 40}};
    const Image image = drawn(two, {.kpt_radius = 9});
    EXPECT_EQ(pixel(image, 40, 50), (std::vector<int>{0x04, 0x2A, 0xFF}));
    EXPECT_EQ(pixel(image, 48, 100), (std::vector<int>{0x0B, 0xDB, 0xEB}));
    EXPECT_EQ(pixel(image, 40, 75), kGround);
    EXPECT_EQ(pixel(drawn(two), 48, 100), kGround) << "the radius is 5";
    EXPECT_TRUE(test::same(drawn({{2, 2}, {200, 300}, {0, 0, 0, 0}}), drawn({{2, 2}, {200, 300}, {}})))
        << "0, 0 stands for no keypoint";
}

TEST(DrawKeypoints, AcceptsStrangeNumbers) {
    const float nan = std::nanf("");
    const float infinite = std::numeric_limits<float>::infinity();
    EXPECT_NO_THROW(drawn(person({{5, {nan, infinite}}, {7, {-infinite, 1e30F}}, {6, {1e30F, -1e30F}}}),
                          {.kpt_radius = 100'000, .line_width = 100'000}));
    EXPECT_NO_THROW(drawn(person({{5, {10, 10}}}), {.kpt_radius = -5}));
    EXPECT_NO_THROW(drawn({{0, 3}, {200, 300}, {1, 2, 3}}));
    EXPECT_NO_THROW(drawn({{17, 3}, {200, 300}, std::vector<float>(50)}));
    Image none;
    EXPECT_EQ(test::code_of([&] { draw_keypoints(none, {}, {}); }), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace yolovino::vision
