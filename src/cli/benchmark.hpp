#pragma once

#include "cli/options.hpp"

namespace yolovino::cli {

/// `yolo benchmark`: a row for each model and format, each measured in a process of its own; prints the table and
/// appends it to benchmarks.log. @throws Error if no row succeeded, and as `benchmark`
void run_benchmark(const Settings& settings);

}  // namespace yolovino::cli
