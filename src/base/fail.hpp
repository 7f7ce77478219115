#pragma once

#include <string>
#include <string_view>

#include "yolovino/error.hpp"

namespace yolovino::base {

/// Text that came from a file, safe to print: control characters, escapes, and invalid UTF-8 become `\xNN`; cut after
/// `max_bytes` with an ellipsis.
std::string printable(std::string_view text, std::size_t max_bytes = 256);

/// Runs `body` and turns any exception that is not an Error into one.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view area, std::string_view what, Body&& body) {
    try {
        return body();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(code, area, std::string(what) + ": " + e.what());
    }
}

}  // namespace yolovino::base
