#include "quantize/range.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace yolovino::quantize {
namespace {

TEST(Grid, PinsTheLowEndOfSiluAsNncfDoes) {
    // The range that NNCF gives to layers of YOLOv8 whose least value is the minimum of SiLU.
    const Grid grid = cover(-0.27846, 5.5);
    EXPECT_EQ(grid.zero_point, 12);
    EXPECT_NEAR(grid.low(), -0.27846, 1e-9);
    EXPECT_NEAR(grid.high(), 5.6389, 1e-4);
}

TEST(Grid, HoldsZeroExactlyAndTheWholeRange) {
    const std::array<std::array<double, 2>, 7> ranges = {
        {{0, 1}, {-1, 1}, {-5, 0.001}, {0.5, 2}, {-3, -1}, {-1e-9, 1e-9}, {-0.2785, 160}}};
    for (const auto& [low, high] : ranges) {
        const Grid grid = cover(low, high);
        EXPECT_EQ(grid.nearest(0), 0) << low << " " << high;
        EXPECT_LE(grid.low(), low + grid.scale / 2) << "below half a step the low end is zero";
        EXPECT_GE(grid.high(), high - 1e-12);
        EXPECT_GE(grid.zero_point, 0);
        EXPECT_LE(grid.zero_point, 254);
        EXPECT_NEAR(grid.nearest(high), high, grid.scale / 2 + 1e-12);
    }
}

TEST(Grid, RoundsToTheNearestStepAndClips) {
    const Grid grid{0.5, 10};
    EXPECT_DOUBLE_EQ(grid.nearest(0.7), 0.5);
    EXPECT_DOUBLE_EQ(grid.nearest(0.75), 1.0) << "1.5 steps go to the even 2";
    EXPECT_DOUBLE_EQ(grid.nearest(1.25), 1.0) << "2.5 steps go to the even 2";
    EXPECT_DOUBLE_EQ(grid.nearest(-100), -5.0);
    EXPECT_DOUBLE_EQ(grid.nearest(1000), 122.5);
}

TEST(Histogram, CountsEveryValueInItsPart) {
    std::vector<std::uint64_t> bins(kBins, 0);
    const std::array<float, 5> values = {0.0F, 1.0F, 2.0F, 1.0F, 0.5F};
    EXPECT_EQ(count_values(values, 1, 0.0F, 2.0F, bins), 0U);
    EXPECT_EQ(bins.front(), 1U);
    EXPECT_EQ(bins[kBins / 4], 1U);
    EXPECT_EQ(bins[kBins / 2], 2U);
    EXPECT_EQ(bins.back(), 1U) << "the largest value belongs to the last part";
    EXPECT_EQ(count_values(values, 2, 0.0F, 2.0F, bins), 0U);
    EXPECT_EQ(bins.front(), 2U);
    EXPECT_EQ(bins[kBins / 2], 2U) << "every second value only";
}

TEST(Histogram, ReportsNanAndInfinity) {
    std::vector<std::uint64_t> bins(kBins, 0);
    const std::array<float, 4> values = {std::numeric_limits<float>::quiet_NaN(), 1.0F,
                                         std::numeric_limits<float>::infinity(), 0.0F};
    EXPECT_EQ(count_values(values, 1, 0.0F, 2.0F, bins), 2U);
}

ActivationStatistics flat(double low, double high, std::uint64_t count) {
    ActivationStatistics out;
    out.mean_low = low;
    out.low = low;
    out.high = high;
    out.bins.assign(kBins, count);
    return out;
}

double mean_square(const ActivationStatistics& statistics, const Grid& grid) {
    double sum = 0;
    double all = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        const double width = (statistics.high - statistics.low) / static_cast<double>(kBins);
        const double value = statistics.low + (static_cast<double>(bin) + 0.5) * width;
        const auto count = static_cast<double>(statistics.bins[bin]);
        sum += count * std::pow(value - grid.nearest(value), 2);
        all += count;
    }
    return sum / all;
}

TEST(Fit, KeepsTheWholeOfAFlatRange) {
    const ActivationStatistics statistics = flat(0, 8, 100);
    const ActivationStatistics* group[] = {&statistics};
    const Grid grid = fit(group);
    EXPECT_NEAR(grid.high(), 8, 0.01);
    EXPECT_EQ(clipped_share(statistics, grid), 0);
    EXPECT_NEAR(noise(statistics, grid), grid.scale / std::sqrt(12.0) / (8 / std::sqrt(3.0)), 1e-4)
        << "rounding spreads evenly over a step";
}

TEST(Fit, CutsLonelyPeaksWhereThatLessensTheError) {
    ActivationStatistics statistics = flat(0, 100, 0);
    for (std::size_t bin = 0; bin < kBins / 20; ++bin) statistics.bins[bin] = 1'000'000;  // nearly all below 5
    statistics.bins.back() = 10;
    const ActivationStatistics* group[] = {&statistics};
    const Grid grid = fit(group);
    EXPECT_LT(grid.high(), 50);
    EXPECT_NEAR(clipped_share(statistics, grid), 10.0 / (10 + 1e6 * static_cast<double>(kBins / 20)), 1e-12);
    EXPECT_LT(mean_square(statistics, grid), mean_square(statistics, cover(0, 100)));
}

TEST(Fit, GivesAGroupOneRangeForAllItsMembers) {
    const ActivationStatistics small = flat(-0.2, 1, 10);
    const ActivationStatistics large = flat(0, 6, 10);
    const ActivationStatistics* group[] = {&small, &large};
    const Grid grid = fit(group);
    EXPECT_LE(grid.low(), -0.2 + 1e-9);
    EXPECT_GT(grid.high(), 5);
}

/// Error of SiLU after rounding its input, to the width of a bin.
double error_after_silu(const ActivationStatistics& statistics, const Grid& grid) {
    const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
    double sum = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        const double width = (statistics.high - statistics.low) / static_cast<double>(kBins);
        const double value = statistics.low + (static_cast<double>(bin) + 0.5) * width;
        const double error = silu(value) - silu(grid.nearest(value));
        sum += static_cast<double>(statistics.bins[bin]) * error * error;
    }
    return sum;
}

TEST(Range, SpendsNoStepsWhereSiluIsFlat) {
    ActivationStatistics statistics{"conv", -40, -40, 8, std::vector<std::uint64_t>(kBins, 1)};
    const Grid plain = fit(std::array<const ActivationStatistics*, 1>{&statistics});
    const Grid grid = fit_before_silu(statistics);
    EXPECT_LT(plain.low(), -35);
    EXPECT_GT(grid.low(), -12) << "silu(-12) is -7e-5";
    EXPECT_LT(grid.low(), -3) << "silu(-3) is -0.14";
    EXPECT_GT(grid.high(), 7);
    EXPECT_LT(error_after_silu(statistics, grid), 0.2 * error_after_silu(statistics, plain));
}

TEST(Range, CoversAllBeforeSiluWhereNothingIsFarBelowZero) {
    const ActivationStatistics statistics{"conv", -1, -1, 2, std::vector<std::uint64_t>(kBins, 1)};
    const Grid grid = fit_before_silu(statistics);
    EXPECT_NEAR(grid.low(), -1, 0.1);
    EXPECT_NEAR(grid.high(), 2, 0.1);
}

}  // namespace
}  // namespace yolovino::quantize
