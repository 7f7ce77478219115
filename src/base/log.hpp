#pragma once

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
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
