#pragma once

#include <exception>
#include <string_view>

#include "serve/message.hpp"

namespace yolovino::serve {

/// `{"error": "…"}` with a status. Bytes that are no UTF-8 are replaced.
Response error_response(unsigned status, std::string_view message);

/// The answer for what a handler threw: 400 for what the client can mend, 404 for what is not there, 501 for what is
/// not installed, 500 for the rest.
Response error_response(const std::exception& error);

}  // namespace yolovino::serve
