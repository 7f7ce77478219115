#pragma once

#include <vector>

#include "yolovino/quantization.hpp"

namespace ov {
class CompiledModel;
}

namespace yolovino::runtime {

/// The layers of a compiled network, constants left out. Empty if the device does not tell.
std::vector<LayerPrecision> layers_of(const ov::CompiledModel& model);

}  // namespace yolovino::runtime
