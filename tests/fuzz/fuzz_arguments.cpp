#include <vector>

#include "cli/grammar.hpp"
#include "fuzz/input.hpp"

/// Each line is a word of the command line. Joining keeps every character, and is done after once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    std::vector<std::string> tokens;
    std::string all;
    for (std::string_view text = fuzz::text_of(data, size); !text.empty();) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        tokens.emplace_back(text.substr(0, end));
        all += tokens.back();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    // A cfg file is a target of its own.
    if (all.find("cfg") != std::string::npos) return 0;
    std::string joined;
    for (const std::string& token : cli::join_tokens(tokens)) joined += token;
    fuzz::expect(joined == all, "joining keeps every character");
    try {
        const cli::Command command = cli::parse_command(tokens, {});
        fuzz::expect(command.kind != cli::Command::Kind::Run || command.mode.has_value(), "a run has a mode");
    } catch (const cli::UsageError& error) {
        fuzz::expect(!error.lines().empty(), "a refusal says why");
        for (const std::string& line : error.lines()) {
            for (const char c : line)
                fuzz::expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is safe to print");
        }
    }
    return 0;
}
