#include "scan/programs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.hpp"

namespace yolovino::scan {

namespace {

/// Removes the next character of a JSON text and returns it without its escape; `?` for a character beyond ASCII.
char take_character(std::string_view& json) {
    constexpr std::size_t kEscapeBytes = 6;  // \u005f
    if (json.starts_with("\\u") && json.size() >= kEscapeBytes) {
        std::uint32_t code = 0;
        const auto result = std::from_chars(json.data() + 2, json.data() + kEscapeBytes, code, 16);
        if (result.ptr == json.data() + kEscapeBytes) {
            json.remove_prefix(kEscapeBytes);
            return code < 0x80 ? static_cast<char>(code) : '?';
        }
    }
    const char c = json.front();
    json.remove_prefix(1);
    return c;
}

/// Whether a string of the JSON text is `word`, however its characters are escaped.
bool has_string(std::string_view json, std::string_view word) {
    std::size_t seen = 0;  // characters of the quote and the word
    while (!json.empty()) {
        const char c = take_character(json);
        if (seen == word.size() + 1 && c == '"') return true;
        if (c == '"') {
            seen = 1;
        } else {
            seen = seen > 0 && seen <= word.size() && c == word[seen - 1] ? seen + 1 : 0;
        }
    }
    return false;
}

bool has_name(const std::vector<AuditedEntry>& entries, std::string_view wanted) {
    return std::ranges::any_of(entries, [&](const AuditedEntry& entry) {
        const std::string name = base::to_lower(entry.name);
        return name == wanted || name.ends_with("/" + std::string(wanted));
    });
}

}  // namespace

bool is_torchscript(const std::vector<AuditedEntry>& entries) {
    return has_name(entries, "constants.pkl") || std::ranges::any_of(entries, [](const AuditedEntry& entry) {
               const std::string name = base::to_lower(entry.name);
               return name.starts_with("code/") || name.find("/code/") != std::string::npos;
           });
}

bool is_keras(const std::vector<AuditedEntry>& entries) {
    return has_name(entries, "config.json") &&
           (has_name(entries, "model.weights.h5") || has_name(entries, "metadata.json"));
}

bool holds_lambda(std::string_view json) {
    constexpr std::string_view kPlainPart = "ambda";
    if (json.find(kPlainPart) == std::string_view::npos && json.find("\\u") == std::string_view::npos) return false;
    return has_string(json, "__lambda__") ||
           (has_string(json, "Lambda") && has_string(json, "function_type") && has_string(json, "lambda"));
}

}  // namespace yolovino::scan
