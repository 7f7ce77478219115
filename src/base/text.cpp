#include "base/text.hpp"

#include <array>
#include <cstddef>
#include <fmt/format.h>

namespace yolovino::base {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

}  // namespace

Utf8Character first_character(std::string_view text) noexcept {
    if (text.empty()) return {};
    const unsigned lead = byte_at(text, 0);
    if (lead < 0x80) return {1, lead};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xC0) != 0x80) return {};
        code = code << 6 | (byte_at(text, i) & 0x3F);
    }
    constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code < kSmallest[length] || surrogate || code > 0x10FFFF) return {};
    return {length, code};
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U & 0x07U));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string to_upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = first_character(text).bytes;
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string python_repr(std::string_view text) {
    const bool has_single = text.find('\'') != std::string_view::npos;
    const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out(1, quote);
    while (!text.empty()) {
        const std::size_t length = first_character(text).bytes;
        const unsigned lead = byte_at(text, 0);
        const bool c1_control = length == 2 && lead == 0xC2 && byte_at(text, 1) < 0xA0;
        if (lead == '\n') {
            out += "\\n";
        } else if (lead == '\r') {
            out += "\\r";
        } else if (lead == '\t') {
            out += "\\t";
        } else if (length == 0 || lead < 0x20 || lead == 0x7F) {
            out += fmt::format("\\x{:02x}", lead);
        } else if (c1_control) {
            out += fmt::format("\\x{:02x}", byte_at(text, 1));
        } else {
            if (lead == '\\' || lead == static_cast<unsigned>(quote)) out += '\\';
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + quote;
}

std::string python_repr(double number) {
    std::string out = fmt::format("{}", number);
    if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
    return out;
}

}  // namespace yolovino::base
