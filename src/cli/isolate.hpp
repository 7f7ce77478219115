#pragma once

#include <functional>
#include <string>

namespace yolovino::cli {

/// Runs `body` in a process of its own and returns the text that it returns there, so that memory, loaded libraries,
/// and crashes of one piece of work do not touch the next.
/// @pre this process has one thread
/// @throws Error RuntimeFailure if the process ended without a result, with how it ended; what `body` throws, as it is
std::string run_isolated(const std::function<std::string()>& body);

}  // namespace yolovino::cli
