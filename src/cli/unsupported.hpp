#pragma once

#include <string_view>

#include "cli/options.hpp"

namespace yolovino::cli {

/// Arguments that Ultralytics has and this version has not.
bool is_unsupported(std::string_view key);

/// Why it has no effect here, or not in each mode: `of the training`. Empty for what is supported.
std::string_view reason_of(std::string_view key);

/// Whether Ultralytics would give another result in this mode with an unsupported argument.
bool would_matter(std::string_view key, Mode mode);

}  // namespace yolovino::cli
