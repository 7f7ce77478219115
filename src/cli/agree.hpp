#pragma once

#include "cli/options.hpp"

namespace yolovino::cli {

/// Prints how far two sides are apart. @throws Error RuntimeFailure if they do not agree
void run_agree(const Settings& settings);

}  // namespace yolovino::cli
