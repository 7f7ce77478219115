#include "documents/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>

#include "base/text.hpp"

namespace yolovino::documents {

namespace {

/// The zeros of the decimal digits beyond ASCII (category Nd of Unicode 14); each is followed by the other nine.
constexpr std::array<std::uint32_t, 65> kZeros = {
    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,   0xCE6,   0xD66,   0xDE6,
    0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,
    0x1C40,  0x1C50,  0xA620,  0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50,
    0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
};

unsigned byte_at(std::string_view text, std::size_t i) noexcept {
    return static_cast<unsigned char>(text[i]);
}

/// The bytes of the space that begins a text: what `str.isspace()` holds for one. 0 if none does.
std::size_t space_bytes(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const unsigned lead = byte_at(text, 0);
    if (lead < 0x80) return lead == ' ' || (lead >= '\t' && lead <= '\r') || (lead >= 0x1C && lead <= 0x1F) ? 1 : 0;
    if (lead != 0xC2 && lead != 0xE1 && lead != 0xE2 && lead != 0xE3) return 0;
    const base::Utf8Character character = base::first_character(text);
    switch (character.code) {
        case 0x85:    // next line
        case 0xA0:    // no-break space
        case 0x1680:  // ogham space mark
        case 0x2028:  // line separator
        case 0x2029:  // paragraph separator
        case 0x202F:  // narrow no-break space
        case 0x205F:  // medium mathematical space
        case 0x3000:  // ideographic space
            return character.bytes;
        default:
            return character.code >= 0x2000 && character.code <= 0x200A ? character.bytes : 0;
    }
}

/// The bytes of the line end that begins a text; 0 if none does.
std::size_t line_end_bytes(std::string_view text) noexcept {
    const unsigned lead = byte_at(text, 0);
    if (lead == '\r') return text.size() > 1 && text[1] == '\n' ? 2 : 1;
    if (lead < 0x80) return (lead >= '\n' && lead <= '\f') || (lead >= 0x1C && lead <= 0x1E) ? 1 : 0;
    if (lead == 0xC2) return text.size() > 1 && byte_at(text, 1) == 0x85 ? 2 : 0;
    const bool separator =
        lead == 0xE2 && text.size() > 2 && byte_at(text, 1) == 0x80 && (byte_at(text, 2) | 1U) == 0xA9;
    return separator ? 3 : 0;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// The word with the decimal digits of every script as those of ASCII; nothing if it holds other characters.
std::optional<std::string> ascii_digits(std::string_view word) {
    std::string out;
    out.reserve(word.size());
    while (!word.empty()) {
        const base::Utf8Character character = base::first_character(word);
        if (character.bytes == 1) {
            out += word.front();
        } else {
            const auto* const after = std::upper_bound(kZeros.begin(), kZeros.end(), character.code);
            if (character.bytes == 0 || after == kZeros.begin() || character.code - *(after - 1) > 9)
                return std::nullopt;
            out += static_cast<char>('0' + (character.code - *(after - 1)));
        }
        word.remove_prefix(character.bytes);
    }
    return out;
}

/// Removes the underscores from a number, which may be only between digits.
bool drop_underscores(std::string& word) {
    for (std::size_t at = word.find('_'); at != std::string::npos; at = word.find('_', at + 1)) {
        if (at == 0 || at + 1 == word.size() || !is_digit(word[at - 1]) || !is_digit(word[at + 1])) return false;
    }
    std::erase(word, '_');
    return true;
}

/// Whether a decimal number that has left the range of double is too large, and not too small.
bool is_huge(std::string_view digits) {
    const std::size_t e = std::min(digits.find_first_of("eE"), digits.size());
    const std::string_view mantissa = digits.substr(0, e);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const std::size_t first = mantissa.find_first_of("123456789");
    if (first == std::string_view::npos) return false;
    const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    std::string_view exponent = digits.substr(std::min(e + 1, digits.size()));
    const bool negative = exponent.starts_with('-');
    if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
    std::int64_t value = 0;
    if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), value).ec == std::errc::result_out_of_range)
        return !negative;
    value = std::min<std::int64_t>(value, std::int64_t{1} << 40U);
    return (negative ? place - value : place + value) > 0;
}

/// What follows the sign, in lower case where it is a word.
std::optional<double> unsigned_float(std::string_view digits) {
    const std::string lower = base::to_lower(digits.substr(0, 9));
    if (lower == "inf" || lower == "infinity") return std::numeric_limits<double>::infinity();
    if (lower == "nan") return std::numeric_limits<double>::quiet_NaN();
    // from_chars also takes its own spellings of these.
    if (digits.empty() || (!is_digit(digits.front()) && digits.front() != '.')) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size() || error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) return is_huge(digits) ? std::numeric_limits<double>::infinity() : 0;
    return value;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) noexcept {
    static constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

std::string utf8_problem(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "the file is UTF-16, wanted UTF-8";
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t bytes = base::first_character(rest).bytes;
        if (bytes == 0) break;
        rest.remove_prefix(bytes);
    }
    if (rest.empty()) return {};
    Lines lines(text.substr(0, text.size() - rest.size()));
    std::string_view line;
    while (lines.next(line)) continue;
    return fmt::format("byte 0x{:02X} near line {} is not UTF-8", byte_at(rest, 0),
                       std::max<std::size_t>(lines.number(), 1));
}

bool Lines::next(std::string_view& line) noexcept {
    if (rest_.empty()) return false;
    std::size_t at = 0;
    std::size_t end = 0;
    while (at < rest_.size() && (end = line_end_bytes(rest_.substr(at))) == 0) ++at;
    line = rest_.substr(0, at);
    rest_.remove_prefix(at + end);
    ++number_;
    return true;
}

std::string_view next_word(std::string_view& line) noexcept {
    while (const std::size_t bytes = space_bytes(line)) line.remove_prefix(bytes);
    std::size_t end = 0;
    while (end < line.size() && space_bytes(line.substr(end)) == 0) ++end;
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

std::string_view strip(std::string_view text) noexcept {
    while (const std::size_t bytes = space_bytes(text)) text.remove_prefix(bytes);
    for (bool shorter = true; shorter && !text.empty();) {
        shorter = false;
        for (const std::size_t bytes : {1U, 2U, 3U}) {
            if (bytes > text.size() || space_bytes(text.substr(text.size() - bytes)) != bytes) continue;
            text.remove_suffix(bytes);
            shorter = true;
            break;
        }
    }
    return text;
}

std::optional<double> python_float(std::string_view word) {
    std::optional<std::string> digits = ascii_digits(strip(word));
    if (!digits || !drop_underscores(*digits)) return std::nullopt;
    const bool negative = digits->starts_with('-');
    std::string_view rest = *digits;
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const std::optional<double> value = unsigned_float(rest);
    if (!value) return std::nullopt;
    return negative ? -*value : *value;
}

std::optional<std::int64_t> python_int(std::string_view word) {
    std::optional<std::string> digits = ascii_digits(strip(word));
    if (!digits || !drop_underscores(*digits)) return std::nullopt;
    std::string_view rest = *digits;
    if (rest.starts_with('+')) rest.remove_prefix(1);
    if (rest.size() < digits->size() && rest.starts_with('-')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
    return value;
}

}  // namespace yolovino::documents
