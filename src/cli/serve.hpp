#pragma once

#include "cli/options.hpp"

namespace yolovino::cli {

/// Serves models over HTTP until a signal ends it, or asks a running server whether it is ready. Returns the exit
/// status. @throws Error
int run_serve(const Settings& settings);

}  // namespace yolovino::cli
