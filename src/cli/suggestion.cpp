#include "cli/suggestion.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>

#include "cli/text.hpp"

namespace yolovino::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 11> kModelSuffixes = {
    ".pt", ".onnx", ".torchscript", ".xml", ".pb", ".tflite", ".keras", ".h5", ".caffemodel", ".pdmodel", ".pth"};

bool is_model(std::string_view word) {
    while (word.ends_with('/')) word.remove_suffix(1);
    const std::string suffix = lower(fs::path(word).extension().string());
    return std::ranges::find(kModelSuffixes, suffix) != kModelSuffixes.end() || word.ends_with("_model");
}

/// A path that is there, or what has a suffix, a scheme, or a folder.
bool is_path(const std::string& word) {
    std::error_code ignored;
    return word.find('/') != std::string::npos || fs::path(word).has_extension() || fs::exists(word, ignored);
}

bool is_number(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The argument that the word is the value of; empty if none.
std::string_view argument_of(const std::string& word, std::optional<Mode> mode) {
    if (is_model(word)) return "model";
    const std::string suffix = lower(fs::path(word).extension().string());
    const bool yaml = suffix == ".yaml" || suffix == ".yml";
    if (mode == Mode::Val || mode == Mode::Benchmark) return yaml ? "data" : "";
    if (mode == Mode::Export || mode == Mode::Info) return "";
    return !yaml && (is_path(word) || is_number(word)) ? "source" : "";
}

/// As a POSIX shell takes it for one word.
std::string quoted(const std::string& token) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    if (token.find_first_not_of(kPlain) == std::string::npos) return token;
    std::string out = "'";
    for (const char c : token) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace

std::optional<std::string> suggest_command(const std::vector<std::string>& tokens,
                                           const std::vector<std::string>& words, std::vector<std::string> given,
                                           std::optional<Mode> mode) {
    std::string line = "yolo";
    std::string rest;
    for (const std::string& token : tokens) {
        if (std::ranges::find(words, token) == words.end()) {
            rest += " " + quoted(token);
            continue;
        }
        const std::string key(argument_of(token, mode));
        if (key.empty() || std::ranges::find(given, key) != given.end()) return std::nullopt;
        given.push_back(key);
        rest += " " + quoted(fmt::format("{}={}", key, token));
    }
    if (!mode) {
        for (const char* needed : {"model", "source"}) {
            if (std::ranges::find(given, needed) == given.end()) return std::nullopt;
        }
        line += " predict";
    }
    return safe(line + rest);
}

}  // namespace yolovino::cli
