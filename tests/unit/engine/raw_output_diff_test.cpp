#include "engine/compare/raw_output_diff.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "tasks/lookup.hpp"

namespace yolovino::engine {
namespace {

constexpr runtime::InputShape kSmall{1, {64, 64}};

/// [1, 6, 2]: four rows of boxes, two classes.
tensors::Outputs output(const std::vector<float>& values, std::size_t batch = 1) {
    const auto anchors = static_cast<std::int64_t>(values.size() / batch / 6);
    return {{{.name = "output0", .shape = {static_cast<std::int64_t>(batch), 6, anchors}, .data = values}}};
}

RawComparison make_comparison() {
    return {tasks::task_named("detect"), {}};
}

TEST(RawOutputDiff, LargestAndMeanOfBoxesAndScores) {
    const std::vector<float> first = {10, 20, 30, 40, 1, 2, 3, 4, 0.5F, 0.25F, 0, 1};
    std::vector<float> second = first;
    second[1] = 24;  // the only box value that moves, by 4 of 8 values
    second[8] = 0.75F;
    second[11] = 0.5F;
    RawComparison comparison = make_comparison();
    comparison.add(kSmall, output(first), kSmall, output(second));
    comparison.add(kSmall, output(first), kSmall, output(first));
    ASSERT_TRUE(comparison.result().has_value());
    const RawOutputDiff drift = *comparison.result();
    EXPECT_EQ(drift.max_box_px, 4);
    EXPECT_EQ(drift.mean_box_px, 4.0 / 16);
    EXPECT_EQ(drift.max_score, 0.5);
    EXPECT_EQ(drift.mean_score, 0.75 / 8);
    EXPECT_EQ(drift.not_finite, 0U);
}

TEST(RawOutputDiff, OnlyTheFirstImageOfABatchCounts) {
    std::vector<float> first(24, 1);
    std::vector<float> second(12, 1);
    std::fill(first.begin() + 12, first.end(), 99.0F);
    RawComparison comparison = make_comparison();
    comparison.add({2, {64, 64}}, output(first, 2), kSmall, output(second));
    ASSERT_TRUE(comparison.result().has_value());
    EXPECT_EQ(comparison.result()->max_box_px, 0);
    EXPECT_EQ(comparison.result()->max_score, 0);
}

TEST(RawOutputDiff, NanIsCountedAndDoesNotHideOtherDifferences) {
    const std::vector<float> first(12, 1);
    std::vector<float> second = first;
    second[0] = std::numeric_limits<float>::quiet_NaN();
    second[1] = 3;
    second[9] = std::numeric_limits<float>::infinity();
    RawComparison comparison = make_comparison();
    comparison.add(kSmall, output(first), kSmall, output(second));
    ASSERT_TRUE(comparison.result().has_value());
    EXPECT_EQ(comparison.result()->not_finite, 2U);
    EXPECT_EQ(comparison.result()->max_box_px, 2);
    EXPECT_EQ(comparison.result()->mean_box_px, 2.0 / 7);
    EXPECT_EQ(comparison.result()->max_score, 0);
}

TEST(RawOutputDiff, FurtherOutputsAreNeitherBoxesNorScores) {
    const std::vector<float> boxes(12, 1);
    const std::vector<float> masks(8, 1);
    std::vector<float> others = masks;
    others[0] = 1.5F;
    const auto both = [&](const std::vector<float>& second) {
        tensors::Outputs outputs = output(boxes);
        outputs.tensors.push_back({.name = "output1", .shape = {1, 2, 2, 2}, .data = second});
        return outputs;
    };
    RawComparison comparison = make_comparison();
    comparison.add(kSmall, both(masks), kSmall, both(others));
    ASSERT_TRUE(comparison.result().has_value());
    EXPECT_EQ(comparison.result()->max_box_px, 0);
    EXPECT_EQ(comparison.result()->max_score, 0);
    EXPECT_EQ(comparison.result()->max_other, 0.5);
    EXPECT_EQ(comparison.result()->mean_other, 0.5 / 8);
    RawComparison missing = make_comparison();
    missing.add(kSmall, both(masks), kSmall, output(boxes));
    EXPECT_EQ(missing.unavailable_reason(), "the outputs are [6, 2], [2, 2, 2] and [6, 2]");
}

TEST(RawOutputDiff, DifferentShapesAreNotCompared) {
    const std::vector<float> small(12, 1);
    const std::vector<float> large(18, 1);
    RawComparison sizes = make_comparison();
    sizes.add(kSmall, output(small), {1, {64, 96}}, output(small));
    EXPECT_FALSE(sizes.result().has_value());
    EXPECT_EQ(sizes.unavailable_reason(), "the inputs are 64x64 and 64x96");
    RawComparison anchors = make_comparison();
    anchors.add(kSmall, output(small), kSmall, output(large));
    anchors.add(kSmall, output(small), kSmall, output(small));
    EXPECT_FALSE(anchors.result().has_value()) << "half of the images would be a wrong answer";
    EXPECT_EQ(anchors.unavailable_reason(), "the outputs are [6, 2] and [6, 3]");
    EXPECT_FALSE(make_comparison().result().has_value());
}

}  // namespace
}  // namespace yolovino::engine
