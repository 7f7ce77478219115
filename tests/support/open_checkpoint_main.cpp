#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/resource.h>

#include "yolovino/error.hpp"

#include "checkpoint/checkpoint.hpp"

namespace {

/// Of this program's own memory; getrusage would report its parent's peak, too.
std::int64_t peak_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
    }
    return -1;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

/// open_checkpoint FILE: opens it, reads the tensors of its model, and prints whether it was refused, the processor
/// time in seconds, and the peak of memory in bytes above that of an idle program.
int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::int64_t before = peak_bytes();
    bool refused = false;
    try {
        const auto file = yolovino::checkpoint::Checkpoint::open(argv[1]);
        for (const auto& [name, tensor] : file.model().parameters) {
            if (tensor) file.read_f32(*tensor, name);
        }
    } catch (const yolovino::Error&) {
        refused = true;
    }
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    std::printf("%d %.6f %lld\n", refused ? 1 : 0, seconds(usage.ru_utime) + seconds(usage.ru_stime),
                static_cast<long long>(peak_bytes() - before));
    return before > 0 ? 0 : 1;
}
