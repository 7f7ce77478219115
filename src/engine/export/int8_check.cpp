#include "engine/export/int8_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "base/log.hpp"

namespace yolovino::engine {

void expect_int8(std::span<const LayerPrecision> layers, std::span<const QuantizedConvolution> convolutions,
                 bool cpu_has_int8) {
    if (layers.empty() || !cpu_has_int8) {
        base::warn("this CPU does not compute in 8 bits: whether every layer would is not checked");
        return;
    }
    std::vector<std::string> lost;
    for (const QuantizedConvolution& convolution : convolutions) {
        const bool found = std::ranges::any_of(layers, [&](const LayerPrecision& layer) {
            return layer.kind == "Convolution" && (layer.precision == "u8" || layer.precision == "i8") &&
                   std::ranges::find(layer.covers, convolution.node) != layer.covers.end();
        });
        if (!found) lost.push_back(convolution.name);
    }
    if (lost.empty()) return;
    throw Error(ErrorCode::RuntimeFailure, "quantize",
                fmt::format("{} of {} convolutions would not run in 8 bits: {}", lost.size(), convolutions.size(),
                            base::printable(fmt::format("{}", fmt::join(lost, ", ")))),
                {}, "leave them in float with float_layers");
}

}  // namespace yolovino::engine
