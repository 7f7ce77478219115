#include "scan/nested_pickles.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "checkpoint/opcodes.hpp"
#include "scan/escapes.hpp"

namespace yolovino::scan {

namespace {

using checkpoint::Op;
using checkpoint::to_char;

constexpr std::size_t kMaxCandidates = 100'000;
constexpr std::uint64_t kCandidateBytes = 32;

/// Operations beyond ASCII that name a class.
constexpr std::array kNamingBytes{to_char(Op::Ext1), to_char(Op::Ext2), to_char(Op::Ext4), to_char(Op::StackGlobal)};
/// Those that are letters; two lines follow them.
constexpr std::array kNamingLetters{to_char(Op::Global), to_char(Op::Inst)};

template <std::size_t Size>
std::size_t find_any(std::string_view text, const std::array<char, Size>& characters) {
    return text.find_first_of(std::string_view(characters.data(), Size));
}

/// Whether a pickle that begins here could name a class: it begins with PROTO, or has an operation that names one.
bool may_be_pickle(std::string_view text) {
    if (text.size() > 2 && text[0] == to_char(Op::Proto) &&
        static_cast<unsigned char>(text[1]) <= checkpoint::kHighestProtocol)
        return true;
    if (find_any(text, kNamingBytes) != std::string_view::npos) return true;
    const std::size_t line = text.find('\n');
    return line != std::string_view::npos && text.find('\n', line + 1) != std::string_view::npos &&
           find_any(text, kNamingLetters) < text.rfind('\n');
}

/// Whether the text looks like such a pickle of which each byte was written as a character of Latin-1, in UTF-8.
bool may_be_latin1_pickle(std::string_view text) {
    constexpr char kLead = '\xc2';  // of the characters 0x80 to 0xbf
    const auto in_utf8 = [](char byte) { return std::array{kLead, byte}; };
    const auto proto = in_utf8(to_char(Op::Proto));
    if (text.starts_with(std::string_view(proto.data(), proto.size()))) return true;
    return std::ranges::any_of(kNamingBytes, [&](char byte) {
        const auto naming = in_utf8(byte);
        return text.find(std::string_view(naming.data(), naming.size())) != std::string_view::npos;
    });
}

}  // namespace

void NestedPickles::consider_text(std::string_view text) {
    if (!may_be_latin1_pickle(text)) return consider_bytes(text);
    if (values_.pay_for_copy(text.size())) consider_bytes(values_.keep(encode_latin1(text)));
}

void NestedPickles::consider_bytes(std::string_view bytes) {
    if (!may_be_pickle(bytes)) return;
    if (candidates_.size() == kMaxCandidates) {
        remarks_.add("more texts may be pickles than are followed", true);
    } else if (values_.pay(kCandidateBytes)) {
        candidates_.push_back(base::as_bytes(bytes));
    }
}

}  // namespace yolovino::scan
