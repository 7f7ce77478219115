#include "base/half.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace yolovino::base {
namespace {

/// The value of a half by its definition.
double value_of(std::uint16_t half) {
    const int exponent = half >> 10 & 31;
    const int fraction = half & 1023;
    const double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

TEST(Half, EveryHalfIsItsOwnNearest) {
    for (unsigned half = 0; half < 65536; ++half) {
        if ((half & 0x7C00) == 0x7C00) continue;  // infinities and what is no number
        EXPECT_EQ(to_half(static_cast<float>(value_of(static_cast<std::uint16_t>(half)))), half);
    }
}

TEST(Half, EveryHalfHasItsValue) {
    for (unsigned half = 0; half < 65536; ++half) {
        const float value = from_half(static_cast<std::uint16_t>(half));
        if ((half & 0x7C00) != 0x7C00) {
            EXPECT_EQ(value, static_cast<float>(value_of(static_cast<std::uint16_t>(half))));
            EXPECT_EQ(std::signbit(value), (half & 0x8000) != 0);
        } else {
            EXPECT_EQ(std::isinf(value), (half & 0x3FF) == 0) << half;
            EXPECT_EQ(std::isnan(value), (half & 0x3FF) != 0) << half;
        }
    }
}

TEST(Half, TiesGoToTheEvenNeighbour) {
    for (std::uint16_t half = 0; half < 0x7BFF; ++half) {
        const auto next = static_cast<std::uint16_t>(half + 1);
        const auto middle = static_cast<float>((value_of(half) + value_of(next)) / 2);  // exact in f32
        EXPECT_EQ(to_half(middle), half % 2 == 0 ? half : next);
        EXPECT_EQ(to_half(std::nextafter(middle, 0.0F)), half);
        EXPECT_EQ(to_half(std::nextafter(middle, 1e6F)), next);
    }
}

TEST(Half, LargeNumbersStayFinite) {
    EXPECT_EQ(to_half(65504.0F), 0x7BFF);
    EXPECT_EQ(to_half(65520.0F), 0x7BFF);
    EXPECT_EQ(to_half(-1e30F), 0xFBFF);
    EXPECT_EQ(to_half(std::numeric_limits<float>::infinity()), 0x7BFF);
    EXPECT_EQ(to_half(1e-10F), 0);
    EXPECT_EQ(to_half(-0.0F), 0x8000);
    EXPECT_EQ(to_half(std::numeric_limits<float>::quiet_NaN()) & 0x7E00, 0x7E00);
}

}  // namespace
}  // namespace yolovino::base
