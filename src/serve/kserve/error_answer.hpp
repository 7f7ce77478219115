#pragma once

#include <string_view>

#include "yolovino/error.hpp"

#include "serve/message.hpp"

namespace yolovino::serve {

/// The status that clients of the protocol expect for an error, as Triton maps them: what the request is to blame for
/// is 400.
unsigned status_of(ErrorCode code) noexcept;

/// `{"error": "text"}`.
Response error_answer(unsigned status, std::string_view text);
Response error_answer(const Error& error);

}  // namespace yolovino::serve
