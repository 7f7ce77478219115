#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yolovino::options {

/// The devices of `device=CPU,HETERO:GPU,CPU`: the plain names behind AUTO:, MULTI:, HETERO:, or BATCH: belong to it,
/// up to the next such name. A semicolon always separates: `HETERO:GPU,CPU;CPU`. Brackets and quotes around it are
/// optional.
/// @return nothing for what names no devices
std::vector<std::string> split_devices(std::string_view text);

}  // namespace yolovino::options
