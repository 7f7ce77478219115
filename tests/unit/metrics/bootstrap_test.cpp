#include "metrics/bootstrap.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace yolovino::metrics {
namespace {

constexpr std::uint16_t kAll = 0x3FF;  // matched at every threshold

/// Images of one label each; in every `period`-th the detection misses.
std::vector<ScoredImage> images(std::size_t count, std::size_t period) {
    std::vector<ScoredImage> out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint16_t matched = i % period == 0 ? 0 : kAll;
        out.push_back({{{0.9F - 0.001F * static_cast<float>(i), 0, matched}}, {0}});
    }
    return out;
}

Interval interval(const std::vector<ScoredImage>& all, int samples, std::uint32_t seed = 0) {
    std::vector<const ScoredImage*> pointers;
    for (const ScoredImage& each : all) pointers.push_back(&each);
    return bootstrap_map(pointers, Protocol::Ultralytics, samples, seed);
}

double map_of(const std::vector<ScoredImage>& all) {
    std::vector<const ScoredImage*> pointers;
    for (const ScoredImage& each : all) pointers.push_back(&each);
    return score(pointers, Protocol::Ultralytics).map;
}

TEST(Bootstrap, OneImageGivesAnEmptyInterval) {
    const auto single = images(1, 2);
    const Interval found = interval(single, 50);
    EXPECT_DOUBLE_EQ(found.low, map_of(single));
    EXPECT_DOUBLE_EQ(found.high, map_of(single));
}

TEST(Bootstrap, HoldsTheValueAndNarrowsWithMoreImages) {
    const auto few = images(20, 3);
    const auto many = images(400, 3);
    const Interval wide = interval(few, 300);
    const Interval narrow = interval(many, 300);
    EXPECT_LE(wide.low, map_of(few));
    EXPECT_GE(wide.high, map_of(few));
    EXPECT_LE(narrow.low, map_of(many));
    EXPECT_GE(narrow.high, map_of(many));
    EXPECT_LT(narrow.high - narrow.low, (wide.high - wide.low) / 2) << "a square root of twenty was expected";
}

TEST(Bootstrap, IsTheSameForOneSeedAndNotForAnother) {
    const auto all = images(50, 4);
    const Interval first = interval(all, 100, 1);
    const Interval again = interval(all, 100, 1);
    const Interval other = interval(all, 100, 2);
    EXPECT_EQ(first.low, again.low);
    EXPECT_EQ(first.high, again.high);
    EXPECT_TRUE(first.low != other.low || first.high != other.high);
}

TEST(Bootstrap, WithoutImagesThereIsNoInterval) {
    EXPECT_EQ(interval({}, 10).high, 0);
    EXPECT_EQ(interval(images(3, 2), 0).high, 0);
}

}  // namespace
}  // namespace yolovino::metrics
