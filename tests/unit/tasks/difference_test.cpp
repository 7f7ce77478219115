#include "tasks/difference.hpp"

#include <gtest/gtest.h>
#include <numbers>
#include <utility>
#include <vector>

namespace yolovino::tasks {
namespace {

constexpr double kConf = 0.25;

Results with_boxes(std::vector<Box> boxes) {
    Results results;
    results.boxes = std::move(boxes);
    return results;
}

Box box_at(float x, float conf, int cls = 0) {
    return {.x1 = x, .y1 = 10, .x2 = x + 20, .y2 = 30, .conf = conf, .cls = cls};
}

TEST(Difference, PairsBoxesOfOneClassThatOverlap) {
    const Results first = with_boxes({box_at(10, 0.75F), box_at(100, 0.5F), box_at(200, 0.5F)});
    const Results second = with_boxes({box_at(101, 0.375F), box_at(12, 0.625F), box_at(200, 0.5F, 1)});
    const ResultDifference found = difference(first, second, kConf);
    ASSERT_EQ(found.matched.size(), 2U);
    EXPECT_EQ(found.matched[0].box_px, 2);
    EXPECT_EQ(found.matched[0].score, 0.125);
    EXPECT_EQ(found.matched[1].box_px, 1);
    EXPECT_FALSE(found.matched[0].mask_iou || found.matched[0].keypoint_px || found.matched[0].angle_deg);
    EXPECT_EQ(found.only_first, std::vector<double>{0.25});
    EXPECT_EQ(found.only_second, std::vector<double>{0.25});
    EXPECT_FALSE(found.probability.has_value());
}

TEST(Difference, MeasuresTheFarthestKeypoint) {
    Results first = with_boxes({box_at(10, 0.5F)});
    Results second = first;
    first.keypoints = Keypoints{{2, 2}, {64, 64}, {10, 10, 20, 20}};
    second.keypoints = Keypoints{{2, 2}, {64, 64}, {11, 10, 23, 24}};
    EXPECT_EQ(difference(first, second, kConf).matched.at(0).keypoint_px, 5);
    second.keypoints = Keypoints{{1, 2}, {64, 64}, {10, 10}};
    EXPECT_FALSE(difference(first, second, kConf).matched.at(0).keypoint_px.has_value()) << "of another shape";
}

TEST(Difference, MasksOverlapByTheirIou) {
    Results first = with_boxes({box_at(10, 0.5F)});
    Results second = first;
    first.masks = Masks{{64, 64}, {64, 64}, {{.top = 2, .left = 8, .height = 1, .width = 4, .bits = {0b1111}}}};
    second.masks = Masks{{64, 64}, {64, 64}, {{.top = 2, .left = 10, .height = 1, .width = 4, .bits = {0b1111}}}};
    EXPECT_DOUBLE_EQ(difference(first, second, kConf).matched.at(0).mask_iou.value(), 2.0 / 6);
    second.masks->shape = {32, 32};
    EXPECT_FALSE(difference(first, second, kConf).matched.at(0).mask_iou.has_value()) << "on another grid";
}

Results rotated(float width, float height, double degrees) {
    Results results;
    const auto angle = static_cast<float>(degrees * std::numbers::pi / 180);
    results.obb = {{.cx = 50, .cy = 50, .width = width, .height = height, .angle = angle, .conf = 0.5F, .cls = 0}};
    return results;
}

TEST(Difference, AnglesAreThoseOfTheBoxesNotOfTheirSpelling) {
    constexpr double kSame = 1e-4;
    const auto angle = [](const Results& first, const Results& second) {
        return difference(first, second, kConf).matched.at(0).angle_deg.value();
    };
    EXPECT_NEAR(angle(rotated(40, 20, 10), rotated(40, 20, 13)), 3, kSame);
    EXPECT_NEAR(angle(rotated(40, 20, 1), rotated(40, 20, 179)), 2, kSame) << "half a turn";
    EXPECT_NEAR(angle(rotated(40, 20, 10), rotated(20, 40, 98)), 2, kSame) << "with its sides exchanged";
    EXPECT_NEAR(angle(rotated(26.7F, 26.1F, 66), rotated(27.7F, 26.1F, 153)), 3, kSame) << "nearly square";
    EXPECT_NEAR(angle(rotated(30, 24, 0), rotated(30, 24, 90)), 90, kSame) << "a turn that can be seen";
}

TEST(Difference, ProbabilitiesCountWhateverTheMostLikelyClassIs) {
    Results first;
    Results second;
    first.probs = Probs{{0.5F, 0.375F, 0.125F}};
    second.probs = Probs{{0.625F, 0.25F, 0.125F}};
    ResultDifference found = difference(first, second, kConf);
    EXPECT_EQ(found.matched.at(0).score, 0.125);
    EXPECT_EQ(found.probability, 0.125);
    second.probs = Probs{{0.25F, 0.625F, 0.125F}};
    found = difference(first, second, kConf);
    EXPECT_TRUE(found.matched.empty());
    EXPECT_EQ(found.only_first, std::vector<double>{0.125});
    EXPECT_EQ(found.only_second, std::vector<double>{0.375});
    EXPECT_EQ(found.probability, 0.25);
}

}  // namespace
}  // namespace yolovino::tasks
