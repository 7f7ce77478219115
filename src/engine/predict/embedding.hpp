#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "yolovino/predict_args.hpp"

#include "engine/model/network_variant.hpp"
#include "tensors/outputs.hpp"

/// What `embed` returns: the means of the features of layers, instead of what the network finds.
namespace yolovino::engine {

/// Refuses layers that the model does not have. @throws Error InvalidArgument
void check_embed(const PredictArgs& args, const ModelInfo& info);

/// The layers in the order of the network, each once.
std::shared_ptr<FeatureNetwork> embedding_network(const std::shared_ptr<const LoadedModel>& model,
                                                  const std::vector<int>& layers, Runtime runtime);

/// The means of one image, layer after layer. @throws Error ShapeMismatch
std::vector<float> embedding_of(const tensors::Outputs& outputs, std::size_t image);

}  // namespace yolovino::engine
