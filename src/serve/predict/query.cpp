#include "serve/predict/query.hpp"

#include <algorithm>

namespace yolovino::serve {

namespace {

constexpr std::size_t kMostPairs = 64;

int hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Whether a decoded path could lead elsewhere than its text says.
bool is_devious(std::string_view path) {
    if (path.find('\\') != std::string_view::npos || std::ranges::any_of(path, is_control)) return true;
    for (std::size_t first = 0; first <= path.size();) {
        const std::size_t end = std::min(path.find('/', first), path.size());
        const std::string_view segment = path.substr(first, end - first);
        if (segment == "." || segment == "..") return true;
        first = end + 1;
    }
    return false;
}

/// An escape of what separates segments.
bool escapes_separator(std::string_view path) {
    for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
        if (at + 2 >= path.size()) return false;
        const int value = hexadecimal(path[at + 1]) * 16 + hexadecimal(path[at + 2]);
        if (value == '/' || value == '\\') return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hexadecimal(text[i + 1]);
            const int low = hexadecimal(text[i + 2]);
            if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t first = 0; first < text.size();) {
        const std::size_t end = std::min(text.find('&', first), text.size());
        const std::string_view pair = text.substr(first, end - first);
        first = end + 1;
        if (pair.empty()) continue;
        if (pairs.size() == kMostPairs) return std::nullopt;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true);
        if (!name || !value) return std::nullopt;
        pairs.emplace_back(*std::move(name), *std::move(value));
    }
    return pairs;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/') || std::ranges::any_of(text, is_control)) return std::nullopt;
    text = text.substr(0, text.find('#'));
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string_view raw = text.substr(0, mark);
    if (escapes_separator(raw)) return std::nullopt;
    auto path = percent_decode(raw, false);
    auto query = parse_query(mark < text.size() ? text.substr(mark + 1) : std::string_view());
    if (!path || !query || is_devious(*path)) return std::nullopt;
    return Target{.path = *std::move(path), .query = *std::move(query)};
}

}  // namespace yolovino::serve
