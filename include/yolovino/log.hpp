#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "yolovino/visibility.hpp"

namespace yolovino {

/// What a message is for: who develops, who uses, or who must look.
enum class LogLevel { Debug, Info, Warning };

/// Receives every message of the library: one line (or an empty one) without a line end.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// Receives the progress of long work; `total` may be 0 when it is unknown.
using ProgressSink = std::function<void(std::string_view stage, std::uint64_t done, std::uint64_t total)>;

/// Where the messages and the progress of one call go. An empty function leaves them to the sink of the process.
/// They may be called from any thread, one call at a time.
struct CallSinks {
    LogSink log = {};            ///< instead of the sink of `set_log_sink`
    ProgressSink progress = {};  ///< instead of the sink of `set_progress_sink`
};

/// Sets where messages go; an empty function (the state at start) drops them.
/// Thread-safe. The sink may be called from any thread, one call at a time.
YOLOVINO_API void set_log_sink(LogSink sink);

/// Sets what receives progress; an empty function (the state at start) drops it.
/// Thread-safe. The sink may be called from any thread, one call at a time.
YOLOVINO_API void set_progress_sink(ProgressSink sink);

}  // namespace yolovino
