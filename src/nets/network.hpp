#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "nets/types.hpp"

namespace yolovino::nets {

/// Builds the network of a checkpoint with batch norms folded into convolutions.
/// @throws Error UnsupportedModel for a layer that is not known (with its path and class), ShapeMismatch, CorruptFile
Network build_network(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const HeadForm& form = {});

/// The network up to the last of some layers, whose results are its outputs, in their order: `features4` [N, C, H, W]
/// or, of means, [N, C, 1, 1]. @throws Error as build_network()
Network build_features(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const FeatureLayers& wanted);

/// Shapes and cost only: weights are not read.
Network build_shapes(const checkpoint::Checkpoint& checkpoint, const InputShape& input, const HeadForm& form = {});

/// Reads and checks the attributes of the last layer. @throws Error UnsupportedModel, CorruptFile
HeadInfo read_head(const checkpoint::Checkpoint& checkpoint);

/// What fusing removes of a network: the branch that `form` does not use, and what only training needs.
std::vector<const checkpoint::Module*> unused_parts(const checkpoint::Checkpoint& checkpoint, const HeadForm& form);

/// The arguments that built a head, as Ultralytics lists them: `[80, [64, 128, 256]]`. Nothing for other layers.
std::optional<std::string> head_arguments(const checkpoint::Module& layer);

}  // namespace yolovino::nets
