#pragma once

#include <string_view>

namespace yolovino::runtime {

/// Whether OpenVINO runs float networks of this CPU in bf16 on AMX tiles when no precision is requested. Convolutions
/// in 8 bits then save memory, but no time.
bool computes_bf16_with_amx();

/// The same for a machine that is described.
/// @param cpuinfo   what /proc/cpuinfo holds; the kernel leaves AMX out of it where programs may not use it
/// @param isa_limit value of ONEDNN_MAX_CPU_ISA, empty if it is not set
bool computes_bf16_with_amx(std::string_view cpuinfo, std::string_view isa_limit);

/// Whether this CPU adds products of 8 bits in 32 bits. Without that (VNNI or AMX) sums in 16 bits overflow where codes
/// and weights are both large.
bool has_vnni();

/// The same for a machine that is described, as above.
bool has_vnni(std::string_view cpuinfo, std::string_view isa_limit);

}  // namespace yolovino::runtime
