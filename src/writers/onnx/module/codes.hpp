#pragma once

#include <string>
#include <vector>

#include "quantize/range.hpp"
#include "quantize/weights.hpp"
#include "writers/onnx/module/nodes.hpp"

namespace yolovino::writers::onnx {

/// Rounds a tensor to codes and back; returns the name of the rounded tensor.
std::string rounded(Nodes& nodes, const std::string& tensor, const quantize::Grid& grid);

/// Weight and bias of a convolution from codes: i8 with a scale per channel, and i32 in units of input times weight.
/// @param name of the convolution
/// @param input grid of what it reads
/// @param bias empty if it has none
Names coded_weights(Nodes& nodes, const std::string& name, const quantize::QuantizedWeights& weights,
                    const Integers& shape, const quantize::Grid& input, const std::vector<float>& bias);

}  // namespace yolovino::writers::onnx
