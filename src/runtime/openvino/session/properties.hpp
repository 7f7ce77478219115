#pragma once

#include <memory>
#include <openvino/core/any.hpp>
#include <string>
#include <vector>

#include "yolovino/runtime_options.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// The devices behind a name as `openvino_device()` gives it: `MULTI:CPU,GPU` → CPU, GPU; AUTO: all that are there.
std::vector<std::string> parts_of(const std::string& device);

/// Adds the user's properties, which win over those that are there. A property that a combination of devices does not
/// support itself goes to those of its devices that support it.
/// @throws Error InvalidArgument listing what can be set
void add_properties(ov::AnyMap& config, const std::string& device, const OvConfig& requested);

/// Refuses properties that the device does not support, and values that it does not accept.
/// @throws Error InvalidArgument
void check_properties(const std::string& device, const OvConfig& requested);

/// The smallest network there is, to try devices and properties on.
std::shared_ptr<ov::Model> probe_model();

}  // namespace yolovino::runtime
