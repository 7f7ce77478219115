#pragma once

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "yolovino/log.hpp"

namespace yolovino::base {

void emit(LogLevel level, std::string_view line);
void emit_progress(std::string_view stage, std::uint64_t done, std::uint64_t total);

template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    emit(LogLevel::Info, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
    emit(LogLevel::Warning, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    emit(LogLevel::Debug, fmt::format(format, std::forward<Args>(args)...));
}

/// The sinks of one call, which several threads may work for.
class CallLog {
public:
    explicit CallLog(CallSinks sinks) : sinks_(std::move(sinks)) {}

private:
    friend void emit(LogLevel level, std::string_view line);
    friend void emit_progress(std::string_view stage, std::uint64_t done, std::uint64_t total);

    std::mutex mutex_;
    CallSinks sinks_;
};

/// The sinks of the call that this thread works for; null: those of the process.
CallLog* current_call_log() noexcept;

/// What this thread logs while the scope lives goes to the sinks of a call; null changes nothing.
class LogScope {
public:
    explicit LogScope(CallLog* log) noexcept;
    ~LogScope();
    LogScope(const LogScope&) = delete;
    LogScope& operator=(const LogScope&) = delete;

private:
    CallLog* previous_;
};

/// A thread that works for the same call as the one that starts it. It must end before the call's sinks do.
template <typename Body>
std::thread start_thread(Body body) {
    return std::thread([log = current_call_log(), body = std::move(body)]() mutable {
        const LogScope scope(log);
        body();
    });
}

/// Measures wall time from its construction.
class Stopwatch {
public:
    double elapsed_ms() const {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace yolovino::base
