#include "runtime/onnxruntime/half.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/half.hpp"

namespace yolovino::runtime {
namespace {

TEST(Half, FromHalfOfKnownBitPatterns) {
    EXPECT_EQ(from_half(0x3C00), 1.0F);
    EXPECT_EQ(from_half(0xC000), -2.0F);
    EXPECT_EQ(from_half(0x7BFF), 65504.0F);
    EXPECT_EQ(from_half(0x0001), 0x1p-24F);
    EXPECT_EQ(from_half(0x83FF), -1023 * 0x1p-24F);
    EXPECT_TRUE(std::signbit(from_half(0x8000)));
    EXPECT_TRUE(std::isinf(from_half(0x7C00)));
    EXPECT_TRUE(std::isnan(from_half(0x7E00)));
}

TEST(Half, EveryFiniteHalfComesBack) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        if ((half & 0x7C00U) == 0x7C00U) continue;
        ASSERT_EQ(base::to_half(from_half(half)), half) << bits;
    }
}

}  // namespace
}  // namespace yolovino::runtime
