#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace yolovino::quantize {

/// Weights as codes -127 to 127, `scales[channel] * code`.
struct QuantizedWeights {
    std::vector<std::int8_t> codes;  ///< as the weights lie
    std::vector<float> scales;       ///< one for each output channel
    double noise = 0;                ///< root mean square of the error over that of the weights
};

/// Symmetric, per output channel, nothing is clipped. Channels whose weights are all tiny take the scale of 1 % of the
/// largest weight, so that rounding does not blow them up.
/// @param weights [channels, …]
/// @throws Error CorruptFile naming `name` if a weight is NaN or infinite
QuantizedWeights quantize_weights(std::span<const float> weights, std::size_t channels, std::string_view name);

}  // namespace yolovino::quantize
