#include "serve/kserve/error_answer.hpp"

#include <nlohmann/json.hpp>

namespace yolovino::serve {

unsigned status_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::UnsupportedFile:
        case ErrorCode::CorruptFile:
        case ErrorCode::LimitExceeded:
        case ErrorCode::UnsupportedModel:
        case ErrorCode::ShapeMismatch:
            return 400;
        case ErrorCode::NotFound:
            return 404;
        case ErrorCode::MissingComponent:
            return 501;
        case ErrorCode::DeviceUnavailable:
            return 503;
        case ErrorCode::IoFailure:
        case ErrorCode::RuntimeFailure:
        case ErrorCode::NetworkFailure:
            break;
    }
    return 500;
}

Response error_answer(unsigned status, std::string_view text) {
    const nlohmann::json body = {{"error", text}};
    return {.status = status,
            .content_type = "application/json",
            .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

Response error_answer(const Error& error) {
    return error_answer(status_of(error.code()), error.what());
}

}  // namespace yolovino::serve
