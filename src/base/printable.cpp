#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino::base {

namespace {

/// The characters that a terminal obeys instead of showing, or that make it show others in another order, so that a
/// name reads as what it is not.
bool is_obeyed(std::uint32_t code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool mark = code == 0x061C || code == 0x200E || code == 0x200F;
    const bool embedding = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return control || mark || embedding;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty()) {
        if (out.size() >= max_bytes) return out + "…";
        const Utf8Character character = first_character(text);
        if (character.bytes > 0 && !is_obeyed(character.code)) {
            out += text.substr(0, character.bytes);
            text.remove_prefix(character.bytes);
            continue;
        }
        for (std::size_t i = 0; i < std::max<std::size_t>(character.bytes, 1); ++i)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
        text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
    }
    return out;
}

}  // namespace yolovino::base
