#pragma once

#include <string_view>
#include <vector>

#include "options/option.hpp"

namespace yolovino::options {

/// The largest dimension of the network's input.
inline constexpr int kMaxImgszPx = 16384;

/// All options, in the order of help. The command line, help, completion, `cfg`, the checks of ranges, and
/// docs/options.md read this table.
const std::vector<Option>& schema();
const Option* find_option(std::string_view key);

}  // namespace yolovino::options
