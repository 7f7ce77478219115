#include "quantize/damage.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include "yolovino/error.hpp"

namespace yolovino::quantize {
namespace {

// Rows cx, cy, w, h, two scores; three anchors, of which the last two are confident.
constexpr std::size_t kRows = 6;
constexpr std::size_t kAnchors = 3;
constexpr std::array<float, 18> kFloat = {10, 20, 30, 11, 21, 31, 12, 22, 32, 13, 23, 33, 0.1F, 0.5F, 0.0F, 0, 0, 0.9F};

TEST(Damage, LooksAtConfidentAnchorsOnly) {
    const ConfidentAnchors reference = confident_anchors(kFloat, kRows, kAnchors, {.box = 4, .scores = 0});
    EXPECT_EQ(reference.anchors, (std::vector<std::uint32_t>{1, 2}));
    std::array<float, 18> other = kFloat;
    other[0] += 100;     // anchor 0 does not count
    other[1] += 4;       // cx of anchor 1: 4 / 4 = 1 px
    other[5] -= 2;       // cy of anchor 2: 0.5 px
    other[13] -= 0.25F;  // anchor 1
    other[14] += 0.05F;  // anchor 2, the smaller change
    other[17] -= 0.1F;   // anchor 2, the larger one
    const DamageSum sum = compare(reference, other, kRows, kAnchors);
    EXPECT_EQ(sum.anchors, 2U);
    const std::array<DamageSum, 2> sums = {sum, DamageSum{}};
    const QuantizationDamage mean = mean_of(sums);
    EXPECT_EQ(mean.images, 2U);
    EXPECT_NEAR(mean.box_px, 0.75, 1e-6);
    EXPECT_NEAR(mean.score, 0.175, 1e-6);
    EXPECT_NEAR(mean.total(), 0.75 + 0.175 / 0.03, 1e-5);
}

TEST(Damage, IgnoresRowsBehindTheScores) {
    // One score, then what has no scale of its own.
    const ConfidentAnchors reference = confident_anchors(kFloat, kRows, kAnchors, {.box = 4, .scores = 1});
    EXPECT_EQ(reference.anchors, (std::vector<std::uint32_t>{1}));
    std::array<float, 18> other = kFloat;
    other[16] += 100;
    const DamageSum sum = compare(reference, other, kRows, kAnchors);
    EXPECT_EQ(sum.box_px, 0);
    EXPECT_EQ(sum.score, 0);
    EXPECT_EQ(confident_anchors(kFloat, kRows, kAnchors, {.box = 4, .scores = 999}).compared, kRows);
}

TEST(Damage, IsNothingForTheSameAnswer) {
    const DamageSum sum =
        compare(confident_anchors(kFloat, kRows, kAnchors, {.box = 4, .scores = 0}), kFloat, kRows, kAnchors);
    EXPECT_EQ(sum.box_px, 0);
    EXPECT_EQ(sum.score, 0);
}

TEST(Damage, IsUnknownWhereNothingIsFound) {
    const std::array<float, 18> nothing = {};
    const ConfidentAnchors reference = confident_anchors(nothing, kRows, kAnchors, {.box = 4, .scores = 0});
    EXPECT_TRUE(reference.anchors.empty());
    const std::array<DamageSum, 1> sums = {compare(reference, kFloat, kRows, kAnchors)};
    EXPECT_EQ(mean_of(sums).anchors, 0U);
}

TEST(Damage, RefusesAnswersOfAnotherShape) {
    const ConfidentAnchors reference = confident_anchors(kFloat, kRows, kAnchors, {.box = 4, .scores = 0});
    EXPECT_THROW(compare(reference, std::span(kFloat).first(12), kRows, 2), Error);
    EXPECT_THROW(compare(reference, kFloat, 9, 2), Error);
}

TEST(ObjectDamage, IsToldInTheUnitsOfTheTask) {
    const ObjectDamage found{.images = 8, .matched = 71, .only_float = 1, .only_int8 = 2};
    const std::string counts = "71 objects in both, 1 in float only, 2 in 8 bits only";
    EXPECT_EQ(to_text(found), counts);
    ObjectDamage each = found;
    each.mask_iou = 0.97125;
    EXPECT_EQ(to_text(each), counts + "; masks overlap by an IoU of 0.9712");
    each = found;
    each.keypoint_px = 0.25;
    EXPECT_EQ(to_text(each), counts + "; keypoints 0.250 px");
    each = found;
    each.angle_deg = 1.5;
    EXPECT_EQ(to_text(each), counts + "; angles 1.500 degrees");
    const ObjectDamage images{.images = 8, .matched = 7, .only_float = 1, .only_int8 = 1, .probability = 0.0123};
    EXPECT_EQ(to_text(images), "7 of 8 images keep their most likely class; probabilities 0.0123");
}

}  // namespace
}  // namespace yolovino::quantize
