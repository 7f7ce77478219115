#include "metrics/average_precision.hpp"

#include <gtest/gtest.h>

namespace yolovino::metrics {
namespace {

constexpr std::uint16_t kAll = 0x3FF;

Score score_one(const ScoredImage& image, Protocol protocol = Protocol::Ultralytics) {
    const ScoredImage* const images[] = {&image};
    return score(images, protocol);
}

TEST(AveragePrecision, PerfectDetectionsScoreOne) {
    const Score result = score_one({{{0.9F, 0, kAll}, {0.8F, 0, kAll}}, {0, 0}});
    ASSERT_EQ(result.classes.size(), 1U);
    EXPECT_NEAR(result.map50, 0.995, 1e-12);  // the curve ends in a drop within the last of 100 steps, as Ultralytics'
    EXPECT_NEAR(result.map, 0.995, 1e-12);
    EXPECT_EQ(result.classes[0].instances, 2U);
    EXPECT_NEAR(result.recall, 1, 1e-12);
    EXPECT_NEAR(result.precision, 1, 1e-12);
}

/// One hit of two labels: precision 1 up to recall 0.5. The new tail drops there: 0.5 and half a step (0.005). The
/// classic one falls evenly from (0.5, 1) to (1, 0): 0.5 + 0.25.
TEST(AveragePrecision, TheTailOfTheCurveFollowsTheProtocol) {
    const ScoredImage image{{{0.9F, 0, kAll}}, {0, 0}};
    EXPECT_NEAR(score_one(image).map50, 0.5 - 0.005, 1e-9);
    EXPECT_NEAR(score_one(image, Protocol::Classic).map50, 0.75, 1e-9);
}

TEST(AveragePrecision, FitnessFollowsTheProtocol) {
    const ScoredImage image{{{0.9F, 0, 1}}, {0}};
    const Score now = score_one(image);
    const Score classic = score_one(image, Protocol::Classic);
    EXPECT_EQ(now.fitness, now.map);
    EXPECT_NEAR(classic.fitness, 0.1 * classic.map50 + 0.9 * classic.map, 1e-15);
    EXPECT_NEAR(now.map, now.map50 / 10, 1e-12);
}

TEST(AveragePrecision, ClassesWithoutDetectionsCountAsZero) {
    const Score result = score_one({{{0.9F, 0, kAll}, {0.5F, 7, 0}}, {0, 1}});
    ASSERT_EQ(result.classes.size(), 2U);  // class 7 has no label and does not count
    EXPECT_EQ(result.classes[1].cls, 1);
    EXPECT_EQ(result.classes[1].ap50(), 0);
    EXPECT_NEAR(result.map50, result.classes[0].ap50() / 2, 1e-15);
}

TEST(AveragePrecision, CountsImagesAndInstances) {
    const ScoredImage a{{}, {0, 0, 1}};
    const ScoredImage b{{}, {0}};
    const ScoredImage* const images[] = {&a, &b};
    const Score result = score(images, Protocol::Ultralytics);
    EXPECT_EQ(result.classes[0].instances, 3U);
    EXPECT_EQ(result.classes[0].images, 2U);
    EXPECT_EQ(result.classes[1].images, 1U);
}

TEST(AveragePrecision, NothingAtAllScoresZero) {
    const Score result = score({}, Protocol::Ultralytics);
    EXPECT_TRUE(result.classes.empty());
    EXPECT_EQ(result.map, 0);
}

}  // namespace
}  // namespace yolovino::metrics
