#include "quantize/weights.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>

#include "yolovino/error.hpp"

namespace yolovino::quantize {

namespace {
constexpr float kTop = 127;
constexpr float kLeastOfLargest = 0.01F;
constexpr float kLeast = 8e-5F;
}  // namespace

QuantizedWeights quantize_weights(std::span<const float> weights, std::size_t channels, std::string_view name) {
    const std::size_t per_channel = weights.size() / channels;
    std::vector<float> largest(channels, 0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!std::isfinite(weights[i])) {
            throw Error(ErrorCode::CorruptFile, "quantize",
                        fmt::format("weight {} is {}, wanted finite numbers", i, weights[i]),
                        {.module_path = std::string(name)});
        }
        float& channel = largest[i / per_channel];
        channel = std::max(channel, std::abs(weights[i]));
    }
    const float least = std::max(*std::ranges::max_element(largest) * kLeastOfLargest, kLeast);
    QuantizedWeights out;
    out.codes.reserve(weights.size());
    double errors = 0;
    double signal = 0;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const float scale = std::max(largest[channel], least) / kTop;
        out.scales.push_back(scale);
        for (const float weight : weights.subspan(channel * per_channel, per_channel)) {
            const float code = std::clamp(std::nearbyint(weight / scale), -kTop, kTop);
            out.codes.push_back(static_cast<std::int8_t>(code));
            const double error = static_cast<double>(weight) - static_cast<double>(code) * scale;
            errors += error * error;
            signal += static_cast<double>(weight) * weight;
        }
    }
    out.noise = signal > 0 ? std::sqrt(errors / signal) : 0;
    return out;
}

}  // namespace yolovino::quantize
