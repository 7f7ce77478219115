#include "metrics/probiou.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>

namespace yolovino::metrics {
namespace {

float overlap(const RotatedRect& a, const RotatedRect& b) {
    return probiou(gaussian_of(a), gaussian_of(b));
}

TEST(Probiou, EqualBoxesOverlapAlmostWholly) {
    EXPECT_NEAR(overlap({100, 50, 40, 20, 0.3F}, {100, 50, 40, 20, 0.3F}), 0.99954, 2e-5);
}

TEST(Probiou, IsWhatTheFormulaGives) {
    // Upright boxes of 40 x 20, 8 px apart along the width: distance 64 / (8 * 40² / 12) in nats
    const double distance = 64.0 / (8 * 1600 / 12.0);
    EXPECT_NEAR(overlap({100, 50, 40, 20, 0}, {108, 50, 40, 20, 0}), 1 - std::sqrt(1 - std::exp(-distance)), 1e-5);
    // Of the same centre, one twice as wide: ln of the determinants alone
    const double sizes = 0.5 * std::log((1600 + 6400) / 2.0 / std::sqrt(1600.0 * 6400));
    EXPECT_NEAR(overlap({0, 0, 40, 20, 0}, {0, 0, 80, 20, 0}), 1 - std::sqrt(1 - std::exp(-sizes)), 1e-5);
}

TEST(Probiou, DoesNotDependOnHowABoxIsWritten) {
    const float quarter = std::numbers::pi_v<float> / 2;
    const RotatedRect other{10, 5, 30, 12, 0.7F};
    EXPECT_NEAR(overlap({8, 6, 40, 20, 0.4F}, other), overlap({8, 6, 20, 40, 0.4F + quarter}, other), 1e-5);
    EXPECT_NEAR(overlap({8, 6, 40, 20, 0.4F}, other), overlap({8, 6, 40, 20, 0.4F + 2 * quarter}, other), 1e-5);
    EXPECT_FLOAT_EQ(overlap({8, 6, 40, 20, 0.4F}, other), overlap(other, {8, 6, 40, 20, 0.4F}));
}

TEST(Probiou, IsNothingForBoxesFarApart) {
    EXPECT_NEAR(overlap({0, 0, 40, 20, 0}, {7680, 7680, 40, 20, 0}), 0, 1e-6);
}

TEST(Probiou, NumbersThatAreNoneGiveNone) {
    EXPECT_TRUE(std::isnan(overlap({std::nanf(""), 0, 40, 20, 0}, {0, 0, 40, 20, 0})));
    EXPECT_FALSE(overlap({0, 0, std::numeric_limits<float>::infinity(), 20, 1}, {0, 0, 40, 20, 0}) > 0);
}

}  // namespace
}  // namespace yolovino::metrics
