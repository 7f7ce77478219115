#pragma once

#include <span>

#include "yolovino/devices.hpp"
#include "yolovino/quantization.hpp"

namespace yolovino::engine {

/// Makes sure that every convolution runs in 8 bits: one that a CPU computes in floats has lost the FakeQuantize at its
/// input or its 8-bit weights. On a CPU without 8-bit arithmetic there is a warning instead.
/// @param layers of the compiled network
/// @throws Error RuntimeFailure naming the convolutions
void expect_int8(std::span<const LayerPrecision> layers, std::span<const QuantizedConvolution> convolutions,
                 bool cpu_has_int8);

}  // namespace yolovino::engine
