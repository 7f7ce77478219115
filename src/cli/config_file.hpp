#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"

namespace yolovino::cli {

/// Reads `key: value` pairs of a YAML file; `cfg` itself is left out.
/// @throws UsageError if the file cannot be read as such
std::vector<Argument> read_config_file(const std::string& path);

}  // namespace yolovino::cli
