#pragma once

#include <memory>

#include "imports/layers.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Builds the network of a Keras model; its input stays [N, H, W, C]. @throws Error UnsupportedModel, ShapeMismatch,
/// CorruptFile, each with the layer's type and name
std::shared_ptr<ov::Model> build_keras(const imports::LayerList& list);

}  // namespace yolovino::runtime
