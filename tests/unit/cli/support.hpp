#pragma once

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "cli/grammar.hpp"

namespace yolovino::cli::test {

inline std::vector<std::string> words(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

struct Parsed {
    Command command = {};
    std::vector<std::string> warnings = {};
    std::vector<std::string> errors = {};
};

/// Parses words that blanks separate, as a shell would hand them over.
inline Parsed parse(const std::string& line) {
    Parsed out;
    try {
        out.command =
            parse_command(words(line), [&](LogLevel, std::string_view text) { out.warnings.emplace_back(text); });
    } catch (const UsageError& e) {
        out.errors = e.lines();
    }
    return out;
}

/// The settings of a prediction with `extra` arguments, which must be right.
inline PredictArgs predict_args(const std::string& extra) {
    const Parsed parsed = parse("predict model=m.pt source=a.jpg " + extra);
    EXPECT_EQ(parsed.errors, std::vector<std::string>{}) << extra;
    return parsed.command.settings.predict;
}

/// The only complaint about a prediction with `extra` arguments.
inline std::string predict_error(const std::string& extra) {
    const Parsed parsed = parse("predict model=m.pt source=a.jpg " + extra);
    EXPECT_EQ(parsed.errors.size(), 1U) << extra;
    return parsed.errors.empty() ? std::string() : parsed.errors.front();
}

}  // namespace yolovino::cli::test
