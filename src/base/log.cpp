#include "base/log.hpp"

#include <mutex>

namespace yolovino {

namespace {

struct Sinks {
    std::mutex mutex;
    LogSink log;
    ProgressSink progress;
};

Sinks& sinks() {
    static Sinks instance;
    return instance;
}

}  // namespace

void set_log_sink(LogSink sink) {
    const std::lock_guard lock(sinks().mutex);
    sinks().log = std::move(sink);
}

void set_progress_sink(ProgressSink sink) {
    const std::lock_guard lock(sinks().mutex);
    sinks().progress = std::move(sink);
}

void base::emit(LogLevel level, std::string_view line) {
    const std::lock_guard lock(sinks().mutex);
    if (sinks().log) sinks().log(level, line);
}

void base::emit_progress(std::string_view stage, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(sinks().mutex);
    if (sinks().progress) sinks().progress(stage, done, total);
}

}  // namespace yolovino
