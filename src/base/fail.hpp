#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "yolovino/error.hpp"

namespace yolovino::base {

/// Text that came from a file, safe to print: the bytes of control characters, of those that change the direction of
/// writing, and of invalid UTF-8 become `\xNN`; cut after `max_bytes` with an ellipsis.
std::string printable(std::string_view text, std::size_t max_bytes = 256);

/// Runs `body`. Of any exception that is not an Error, `fail` gets the message, to throw an Error for it.
template <typename Fail, typename Body>
decltype(auto) translate(const Fail& fail, Body&& body) {
    try {
        return body();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        fail(e.what());
        throw;
    }
}

/// Runs `body` and turns any exception that is not an Error into one.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view area, std::string_view what, Body&& body) {
    return translate([&](const char* message) { throw Error(code, area, std::string(what) + ": " + message); },
                     std::forward<Body>(body));
}

}  // namespace yolovino::base
