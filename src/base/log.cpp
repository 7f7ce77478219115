#include "base/log.hpp"

#include <mutex>
#include <utility>

#include "base/api_call.hpp"

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

thread_local base::CallLog* current_log = nullptr;

}  // namespace

void set_log_sink(LogSink sink) {
    base::api_call("log", [&] {
        const std::lock_guard lock(sinks().mutex);
        sinks().log = std::move(sink);
    });
}

void set_progress_sink(ProgressSink sink) {
    base::api_call("log", [&] {
        const std::lock_guard lock(sinks().mutex);
        sinks().progress = std::move(sink);
    });
}

base::CallLog* base::current_call_log() noexcept {
    return current_log;
}

base::LogScope::LogScope(CallLog* log) noexcept : previous_(current_log) {
    if (log != nullptr) current_log = log;
}

base::LogScope::~LogScope() {
    current_log = previous_;
}

void base::emit(LogLevel level, std::string_view line) {
    if (CallLog* own = current_log; own != nullptr && own->sinks_.log) {
        const std::lock_guard lock(own->mutex_);
        return own->sinks_.log(level, line);
    }
    const std::lock_guard lock(sinks().mutex);
    if (sinks().log) sinks().log(level, line);
}

void base::emit_progress(std::string_view stage, std::uint64_t done, std::uint64_t total) {
    if (CallLog* own = current_log; own != nullptr && own->sinks_.progress) {
        const std::lock_guard lock(own->mutex_);
        return own->sinks_.progress(stage, done, total);
    }
    const std::lock_guard lock(sinks().mutex);
    if (sinks().progress) sinks().progress(stage, done, total);
}

}  // namespace yolovino
