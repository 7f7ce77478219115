#include "yolovino/error.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino {

namespace {

/// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead & 0xF0) == 0xE0       ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    const bool beyond = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(std::string_view sequence) {
    const auto lead = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
    // U+0080 to U+009F are the C1 controls: terminals obey them as they obey escape sequences.
    return sequence.size() == 2 && lead == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string base::printable(std::string_view text, std::size_t max_bytes) {
    std::string out;
    while (!text.empty()) {
        if (out.size() >= max_bytes) return out + "…";
        const std::size_t length = utf8_length(text);
        if (length == 0 || is_control(text.substr(0, length))) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
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
