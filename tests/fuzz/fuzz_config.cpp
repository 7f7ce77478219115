#include "cli/config_file.hpp"
#include "cli/grammar.hpp"
#include "fuzz/input.hpp"

namespace {

void expect_safe(const yolovino::cli::UsageError& error) {
    using yolovino::fuzz::expect;
    expect(!error.lines().empty(), "a refusal says why");
    for (const std::string& line : error.lines()) {
        for (const char c : line)
            expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is safe to print");
    }
}

}  // namespace

/// A `cfg=` file: what is read has keys, never `cfg` itself, and the command line takes or refuses all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const fuzz::MemoryFile file(fuzz::text_of(data, size));
    std::vector<std::string> warnings;
    try {
        for (const cli::Argument& each : cli::read_config_file(file.path(), warnings))
            fuzz::expect(each.key != "cfg", "a file names no other file");
    } catch (const cli::UsageError& error) {
        expect_safe(error);
    }
    for (const char* mode : {"predict", "val", "export"}) {
        try {
            cli::parse_command({mode, "model=m.pt", "cfg=" + file.path()}, {});
        } catch (const cli::UsageError& error) {
            expect_safe(error);
        }
    }
    return 0;
}
