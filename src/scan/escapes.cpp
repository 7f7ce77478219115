#include "scan/escapes.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.hpp"

namespace yolovino::scan {

namespace {

/// The number that `digits` characters in `base` spell.
std::optional<std::uint32_t> parse_digits(std::string_view text, std::size_t digits, int base) {
    if (text.size() < digits) return std::nullopt;
    std::uint32_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + digits, value, base);
    if (result.ptr != text.data() + digits || result.ec != std::errc()) return std::nullopt;
    return value;
}

/// The character of a short escape such as `\n`; the same character if it is no escape.
char short_escape(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'v':
            return '\v';
        default:
            return c;
    }
}

}  // namespace

std::string decode_string(std::string_view line) {
    if (line.size() >= 2 && (line.front() == '\'' || line.front() == '"') && line.back() == line.front())
        line = line.substr(1, line.size() - 2);
    std::string out;
    while (!line.empty()) {
        if (line.front() != '\\' || line.size() < 2) {
            out += line.front();
            line.remove_prefix(1);
            continue;
        }
        const char kind = line[1];
        if (const auto value = kind == 'x' ? parse_digits(line.substr(2), 2, 16) : std::nullopt) {
            base::append_utf8(out, *value);
            line.remove_prefix(4);
        } else if (kind >= '0' && kind <= '7') {
            const std::string_view rest = line.substr(1, 3);
            const std::size_t end = rest.find_first_not_of("01234567");
            const std::size_t digits = end == std::string_view::npos ? rest.size() : end;
            base::append_utf8(out, parse_digits(rest, digits, 8).value_or(0) & 0xFFU);
            line.remove_prefix(1 + digits);
        } else {
            out += short_escape(kind);
            line.remove_prefix(2);
        }
    }
    return out;
}

std::string decode_unicode(std::string_view line) {
    std::string out;
    while (!line.empty()) {
        const bool wide = line.starts_with("\\U");
        const std::size_t digits = wide ? 8 : 4;
        const auto code = wide || line.starts_with("\\u") ? parse_digits(line.substr(2), digits, 16) : std::nullopt;
        if (code && *code < 0x110000) {
            base::append_utf8(out, *code);
            line.remove_prefix(2 + digits);
        } else {
            out += line.front();
            line.remove_prefix(1);
        }
    }
    return out;
}

std::string encode_latin1(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            out += text[i];
            continue;
        }
        if ((byte != 0xc2 && byte != 0xc3) || i + 1 == text.size()) return {};
        const auto next = static_cast<unsigned char>(text[++i]);
        if ((next & 0xc0U) != 0x80) return {};
        out += static_cast<char>(((byte & 3U) << 6U) | (next & 0x3fU));
    }
    return out;
}

}  // namespace yolovino::scan
