#include <cstdint>
#include <cstdio>

#include "yolovino/audit.hpp"

#include "support/peak_memory.hpp"

/// audit_file FILE: audits it, and prints the number of names found, the processor time in seconds, and the peak of
/// memory in bytes above that of an idle program.
int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::int64_t before = yolovino::test::peak_bytes();
    const std::size_t names = yolovino::audit(argv[1]).names.size();
    std::printf("%zu %.6f %lld\n", names, yolovino::test::cpu_seconds(),
                static_cast<long long>(yolovino::test::peak_bytes() - before));
    return before > 0 ? 0 : 1;
}
