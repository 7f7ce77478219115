#include "quantize/weights.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "yolovino/error.hpp"

namespace yolovino::quantize {
namespace {

TEST(QuantizeWeights, GivesEachChannelItsLargestWeight) {
    const std::array<float, 6> weights = {1.27F, -0.5F, 0.004F, -12.7F, 6.35F, 0.0F};
    const QuantizedWeights out = quantize_weights(weights, 2, "0");
    ASSERT_EQ(out.scales.size(), 2U);
    EXPECT_FLOAT_EQ(out.scales[0], 0.01F);
    EXPECT_FLOAT_EQ(out.scales[1], 0.1F);
    EXPECT_EQ(out.codes, (std::vector<std::int8_t>{127, -50, 0, -127, 64, 0})) << "63.5 goes to the even 64";
}

TEST(QuantizeWeights, IsWithinHalfAStep) {
    std::vector<float> weights;
    for (int i = 0; i < 96; ++i)
        weights.push_back(std::sin(static_cast<float>(i * i)) * static_cast<float>(1 + i / 24));
    const QuantizedWeights out = quantize_weights(weights, 4, "0");
    double errors = 0;
    double signal = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float scale = out.scales[i / 24];
        const double error = static_cast<double>(weights[i]) - static_cast<double>(scale) * out.codes[i];
        EXPECT_LE(std::abs(error), scale * 0.5001);
        errors += error * error;
        signal += static_cast<double>(weights[i]) * weights[i];
    }
    EXPECT_NEAR(out.noise, std::sqrt(errors / signal), 1e-9);
    EXPECT_GT(out.noise, 0.0005);
}

TEST(QuantizeWeights, DoesNotBlowUpTinyChannels) {
    const std::array<float, 4> weights = {10.0F, -10.0F, 1e-6F, 0.0F};
    const QuantizedWeights out = quantize_weights(weights, 2, "0");
    EXPECT_FLOAT_EQ(out.scales[1], 0.1F / 127) << "1 % of the largest weight";
    EXPECT_EQ(out.codes[2], 0);
    const std::array<float, 2> zeros = {0.0F, 0.0F};
    EXPECT_GT(quantize_weights(zeros, 1, "0").scales[0], 0.0F);
}

TEST(QuantizeWeights, RefusesNanAndInfinity) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        const std::array<float, 2> weights = {1.0F, bad};
        try {
            quantize_weights(weights, 1, "2.cv1");
            FAIL() << bad;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile);
            EXPECT_EQ(error.where().module_path, "2.cv1");
        }
    }
}

}  // namespace
}  // namespace yolovino::quantize
