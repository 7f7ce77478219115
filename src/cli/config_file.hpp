#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"

namespace yolovino::cli {

/// Reads `key: value` pairs of a YAML file; `cfg` itself is left out.
/// @param warnings gets a line for each duplicate key
/// @throws UsageError if the file cannot be read as such
std::vector<Argument> read_config_file(const std::string& path, std::vector<std::string>& warnings);

}  // namespace yolovino::cli
