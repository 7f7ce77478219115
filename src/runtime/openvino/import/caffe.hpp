#pragma once

#include <memory>

#include "imports/layers.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Builds the network of a Caffe model. @throws Error UnsupportedModel, ShapeMismatch, CorruptFile, each with the
/// layer's type and name
std::shared_ptr<ov::Model> build_caffe(const imports::LayerList& list);

}  // namespace yolovino::runtime
