#pragma once

#include <string_view>

#include "runtime/session.hpp"

namespace yolovino::runtime {

/// Refuses what a runtime that computes in f32 on the CPU cannot honour.
/// @throws Error DeviceUnavailable, InvalidArgument
void expect_cpu_f32(std::string_view runtime, std::string_view area, const RuntimeArgs& args);

}  // namespace yolovino::runtime
