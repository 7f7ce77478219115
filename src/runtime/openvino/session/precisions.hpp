#pragma once

#include <memory>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"

namespace ov {
class CompiledModel;
class Model;
}  // namespace ov

namespace yolovino::runtime {

/// The layers of a compiled network, constants left out. Empty if the device does not report.
std::vector<LayerPrecision> layers_of(const ov::CompiledModel& model);

/// Adds to each layer on which device of `HETERO:GPU,CPU` it runs.
void add_devices(std::vector<LayerPrecision>& layers, const std::shared_ptr<const ov::Model>& model,
                 const std::string& device);

}  // namespace yolovino::runtime
