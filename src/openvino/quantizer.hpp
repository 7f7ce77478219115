#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "yolovino/quantization.hpp"

#include "quantize/codes.hpp"
#include "quantize/range.hpp"

namespace ov {
class Model;
}

namespace yolovino::openvino {

/// A network in 8 bits with the tables of what was done.
struct QuantizedModel {
    std::shared_ptr<ov::Model> model;
    std::vector<QuantizedActivation> activations;
    std::vector<QuantizedConvolution> convolutions;
};

/// Every step of a network in 8 bits, for a writer that names operations as the graph does.
struct CodePlan {
    quantize::Codes codes;
    std::vector<QuantizedActivation> activations;
    std::vector<QuantizedConvolution> convolutions;
    std::vector<std::string>
        float_layers;  ///< convolutions that stay in float, on request or for quantize::Reach::Steps
};

/// A copy of the network whose convolutions compute in 8 bits: FakeQuantize on their inputs, i8 constants with a scale
/// per channel as weights. The rest stays float; biases are not touched.
/// @param statistics of every point of a quantization without `float_layers`
/// @param float_layers convolutions that stay float, as quantizable_layers() names them
/// @throws Error CorruptFile for weights that are NaN, RuntimeFailure
QuantizedModel quantize_model(const std::shared_ptr<const ov::Model>& model,
                              std::span<const quantize::ActivationStatistics> statistics,
                              const std::set<std::string>& float_layers);

/// What quantize_model() would do with quantize::Reach::Steps, as names.
/// @param model lowered from a graph, whose names it has
/// @param statistics of every point of a quantization with quantize::Reach::Steps without `float_layers`
/// @throws Error CorruptFile for weights that are NaN, RuntimeFailure
CodePlan plan_codes(const std::shared_ptr<const ov::Model>& model,
                    std::span<const quantize::ActivationStatistics> statistics,
                    const std::set<std::string>& float_layers);

/// The convolutions that can be quantized, in the order of the network.
/// @throws Error UnsupportedModel if there is none, InvalidArgument if the network is quantized already
std::vector<std::string> quantizable_layers(const std::shared_ptr<const ov::Model>& model);

/// The layers that `wishes` name: `2.cv1`, `model.2.cv1`, or `22` for all layers below.
/// @throws Error InvalidArgument with the names that there are
std::set<std::string> match_layers(std::span<const std::string> layers, std::span<const std::string> patterns);

}  // namespace yolovino::openvino
