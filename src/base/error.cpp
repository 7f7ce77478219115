#include "yolovino/error.hpp"

#include <fmt/format.h>
#include <new>

#include "base/fail.hpp"

namespace yolovino {

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

/// Made before memory can run out, and never destroyed: threads may fail while the process ends.
const Error* const kOutOfMemory = new Error(ErrorCode::LimitExceeded, "memory", "out of memory");

}  // namespace

Error::Error(ErrorCode code, std::string_view area, std::string_view message, ErrorLocation where,
             std::string_view hint) {
    try {
        std::string line = describe(area, message, where, hint);
        state_ = std::make_shared<const State>(
            State{code, std::string(message), std::move(where), std::string(hint), std::move(line)});
    } catch (const std::bad_alloc&) {
        state_ = kOutOfMemory->state_;
    }
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
