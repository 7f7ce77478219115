#pragma once

#include <optional>
#include <string>

#include "cli/options.hpp"

namespace yolovino::cli {

/// The page of `yolo help`, or of `yolo help MODE`.
std::string help_text(std::optional<Mode> mode);

/// All defaults as YAML, which `cfg=` reads again.
std::string config_text();

/// A bash script that completes modes, arguments, and values.
std::string bash_completion();

}  // namespace yolovino::cli
