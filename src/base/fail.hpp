#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "yolovino/error.hpp"

namespace yolovino::base {

/// Text that came from a file, safe to print: the bytes of control characters, of those that change the direction of
/// writing, and of invalid UTF-8 become `\xNN`; truncated after `max_bytes` with an ellipsis.
std::string printable(std::string_view text, std::size_t max_bytes = 256);

/// Needs no memory itself.
[[noreturn]] inline void fail_out_of_memory(std::string_view area) {
    throw Error(ErrorCode::LimitExceeded, area, "out of memory");
}

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

/// Runs `body` and turns any exception that is not an Error into one: of `code`, or LimitExceeded where memory ran out.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view area, std::string_view what, Body&& body) {
    try {
        return body();
    } catch (const Error&) {
        throw;
    } catch (const std::bad_alloc&) {
        fail_out_of_memory(area);
    } catch (const std::exception& e) {
        throw Error(code, area, std::string(what) + ": " + e.what());
    }
}

}  // namespace yolovino::base
