#pragma once

#include <functional>
#include <string_view>

#include "options/settings.hpp"

namespace yolovino::serve {

/// What the command gives to the server, which prints nothing itself.
struct Host {
    std::function<void(std::string_view)> print;  ///< a line of standard output, at once
    std::function<void(std::string_view)> warn;   ///< a line of standard error
    /// Registers what the first signal to end calls, on another thread; with true for Ctrl-C, after which nobody waits.
    std::function<void(std::function<void(bool at_once)>)> on_stop;
};

/// What the module `serve` exports: serves until a signal ends it. @throws Error
constexpr const char* kServeEntry = "yolovino_serve";
using ServeFunction = int (*)(const options::Settings&, const Host&);

/// Loads the models, serves them until a signal to end, and lets running requests finish; or probes a server. Returns
/// the exit status. @throws Error
int serve(const options::Settings& settings, const Host& host);

}  // namespace yolovino::serve
