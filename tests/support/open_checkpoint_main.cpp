#include <cstdint>
#include <cstdio>

#include "yolovino/error.hpp"

#include "checkpoint/checkpoint.hpp"
#include "support/peak_memory.hpp"

/// open_checkpoint FILE: opens it, reads the tensors of its model, and prints whether it was refused, the processor
/// time in seconds, and the peak of memory in bytes above that of an idle program.
int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::int64_t before = yolovino::test::peak_bytes();
    bool refused = false;
    try {
        const auto file = yolovino::checkpoint::Checkpoint::open(argv[1]);
        for (const auto& [name, tensor] : file.model().parameters) {
            if (tensor) file.read_f32(*tensor, name);
        }
    } catch (const yolovino::Error&) {
        refused = true;
    }
    std::printf("%d %.6f %lld\n", refused ? 1 : 0, yolovino::test::cpu_seconds(),
                static_cast<long long>(yolovino::test::peak_bytes() - before));
    return before > 0 ? 0 : 1;
}
