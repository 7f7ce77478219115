#pragma once

#include <openvino/core/any.hpp>
#include <string>

#include "runtime/session.hpp"

namespace yolovino::runtime {

/// Adds how many threads the CPU uses and whether they are bound to cores. OpenVINO counts the processors, not the CPU
/// quota of a container: with more threads than the quota keeps busy, all of them stand still for the rest of each
/// period. So the quota limits them unless the arguments say otherwise.
/// @param device as `openvino_device()` gives it
void add_cpu_threads(ov::AnyMap& config, const std::string& device, const RuntimeArgs& args);

}  // namespace yolovino::runtime
