#include "writers/onnx/module/codes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace yolovino::writers::onnx {

namespace {

template <typename T>
std::string floats_of(Nodes& nodes, const std::string& name, const std::vector<T>& codes, const Integers& shape,
                      const std::vector<float>& scales) {
    const Integers channels = {static_cast<std::int64_t>(scales.size())};
    const Names inputs = {nodes.constant(name + "/codes", codes, shape),
                          nodes.constant(name + "/scale", scales, channels),
                          nodes.constant(name + "/zero_point", std::vector<T>(scales.size(), 0), channels)};
    nodes.emit("DequantizeLinear", name, inputs).set("axis", std::int64_t{0});
    return name;
}

}  // namespace

std::string rounded(Nodes& nodes, const std::string& tensor, const quantize::Grid& grid) {
    const std::string scale =
        nodes.constant(tensor + "/scale", std::vector<float>{static_cast<float>(grid.scale)}, Integers{});
    const std::string zero = nodes.constant(
        tensor + "/zero_point", std::vector<std::uint8_t>{static_cast<std::uint8_t>(grid.zero_point)}, Integers{});
    const std::string codes = nodes.plain("QuantizeLinear", tensor + "/QuantizeLinear", {tensor, scale, zero});
    return nodes.plain("DequantizeLinear", tensor + "/DequantizeLinear", {codes, scale, zero});
}

Names coded_weights(Nodes& nodes, const std::string& name, const quantize::QuantizedWeights& weights,
                    const Integers& shape, const quantize::Grid& input, const std::vector<float>& bias) {
    Names out = {floats_of(nodes, name + ".weight", weights.codes, shape, weights.scales)};
    if (bias.empty()) return out;
    std::vector<float> scales;
    std::vector<std::int32_t> codes;
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
        scales.push_back(static_cast<float>(input.scale) * weights.scales[channel]);
        constexpr double kMost = std::numeric_limits<std::int32_t>::max();
        const double code = std::nearbyint(static_cast<double>(bias[channel]) / scales.back());
        codes.push_back(static_cast<std::int32_t>(std::clamp(code, -kMost, kMost)));
    }
    const Integers channels = {static_cast<std::int64_t>(bias.size())};
    out.push_back(floats_of(nodes, name + ".bias", codes, channels, scales));
    return out;
}

}  // namespace yolovino::writers::onnx
