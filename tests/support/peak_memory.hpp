#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <sys/resource.h>

#include "base/sanitizers.hpp"

namespace yolovino::test {

inline constexpr bool kMeasuresMemory = !base::kSanitized;  // sanitizers keep freed memory and shadow it

/// Of this program's own memory, in bytes; getrusage would report its parent's peak, too. -1 if the kernel does not
/// report it.
inline std::int64_t peak_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
    }
    return -1;
}

/// Processor time of this program.
inline double cpu_seconds() {
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace yolovino::test
