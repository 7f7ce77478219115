#pragma once

#include <string_view>
#include <utility>

namespace yolovino::base {

/// Throws the Error that stands for the exception which is being handled: an Error as it is, LimitExceeded for memory,
/// IoFailure for the file system, RuntimeFailure for anything else. Call it in a `catch (...)`.
[[noreturn]] void throw_as_error(std::string_view area);

/// The body of a function that the library exports: Error is the only exception that leaves it, also when no memory is
/// left.
template <typename Body>
decltype(auto) api_call(std::string_view area, Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        throw_as_error(area);
    }
}

}  // namespace yolovino::base
