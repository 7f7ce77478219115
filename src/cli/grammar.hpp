#pragma once

#include <optional>
#include <string>
#include <vector>

#include "yolovino/log.hpp"

#include "cli/options.hpp"

namespace yolovino::cli {

/// What the command line asks for.
struct Command {
    enum class Kind { Run, Help, Version, Checks, Cfg, CopyCfg, Completion };
    Kind kind = Kind::Help;
    std::optional<Mode> mode;  ///< to run, or to explain
    Settings settings;
};

/// Joins what the shell split: `a = b`, and brackets that close in a later token.
std::vector<std::string> join_tokens(const std::vector<std::string>& tokens);

/// Understands the words after `yolo`; warnings go to `notice`.
/// @throws UsageError
Command parse_command(const std::vector<std::string>& tokens, const LogSink& notice);

/// Words that are neither arguments nor modes: `help`, `version`, …
const std::vector<std::string>& special_words();

}  // namespace yolovino::cli
