#include "yolovino/error.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino {

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

std::string base::printable(std::string_view text, std::size_t max_bytes) {
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

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return "InvalidArgument";
        case ErrorCode::NotFound:
            return "NotFound";
        case ErrorCode::IoFailure:
            return "IoFailure";
        case ErrorCode::UnsupportedFile:
            return "UnsupportedFile";
        case ErrorCode::CorruptFile:
            return "CorruptFile";
        case ErrorCode::LimitExceeded:
            return "LimitExceeded";
        case ErrorCode::UnsupportedModel:
            return "UnsupportedModel";
        case ErrorCode::ShapeMismatch:
            return "ShapeMismatch";
        case ErrorCode::DeviceUnavailable:
            return "DeviceUnavailable";
        case ErrorCode::RuntimeFailure:
            return "RuntimeFailure";
        case ErrorCode::NetworkFailure:
            return "NetworkFailure";
        case ErrorCode::MissingComponent:
            return "MissingComponent";
    }
    return "Unknown";
}

struct Error::State {
    ErrorCode code;
    std::string message;
    ErrorLocation where;
    std::string hint;
    std::string line;
};

namespace {

std::string describe(std::string_view area, std::string_view message, const ErrorLocation& where,
                     std::string_view hint) {
    constexpr std::size_t kMaxLineBytes = 4096;
    std::string place = where.file;
    if (where.offset_bytes) place += fmt::format("{}at {:#x}", place.empty() ? "" : " ", *where.offset_bytes);
    if (!where.module_path.empty()) place += fmt::format("{}in {}", place.empty() ? "" : ", ", where.module_path);
    std::string line = fmt::format("[{}] {}", area, message);
    if (!place.empty()) line += fmt::format(" ({})", place);
    if (!hint.empty()) line += fmt::format("; {}", hint);
    return base::printable(line, kMaxLineBytes);
}

}  // namespace

Error::Error(ErrorCode code, std::string_view area, std::string_view message, ErrorLocation where,
             std::string_view hint) {
    std::string line = describe(area, message, where, hint);
    state_ = std::make_shared<const State>(
        State{code, std::string(message), std::move(where), std::string(hint), std::move(line)});
}

Error::Error(const Error& other) noexcept = default;
Error& Error::operator=(const Error& other) noexcept = default;
Error::~Error() = default;

ErrorCode Error::code() const noexcept {
    return state_->code;
}
const ErrorLocation& Error::where() const noexcept {
    return state_->where;
}
const std::string& Error::message() const noexcept {
    return state_->message;
}
const std::string& Error::hint() const noexcept {
    return state_->hint;
}
const char* Error::what() const noexcept {
    return state_->line.c_str();
}

}  // namespace yolovino
