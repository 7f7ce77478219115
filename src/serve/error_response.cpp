#include "serve/error_response.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "yolovino/error.hpp"

#include "options/argument.hpp"
#include "options/text.hpp"

namespace yolovino::serve {

namespace {

unsigned status_of(ErrorCode code) {
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
        case ErrorCode::IoFailure:
        case ErrorCode::DeviceUnavailable:
        case ErrorCode::RuntimeFailure:
        case ErrorCode::NetworkFailure:
            break;
    }
    return 500;
}

}  // namespace

Response error_response(unsigned status, std::string_view message) {
    const nlohmann::ordered_json body = {{"error", message}};
    return {.status = status,
            .content_type = "application/json",
            .body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"};
}

Response error_response(const std::exception& error) {
    if (const auto* known = dynamic_cast<const Error*>(&error))
        return error_response(status_of(known->code()), known->what());
    if (dynamic_cast<const options::UsageError*>(&error) != nullptr) return error_response(400, error.what());
    return error_response(500, options::safe(error.what()));
}

}  // namespace yolovino::serve
