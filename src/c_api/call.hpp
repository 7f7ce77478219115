#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "yolovino/c/yolovino.h"
#include "yolovino/error.hpp"

#include "c_api/handles.hpp"

namespace yolovino::c_api {

/// An end that the library itself does not have: cancelled, or not ended yet.
struct OtherEnd {
    yv_status status;
    std::string_view text;
};

/// The status of a code; the numbers are part of the interface.
constexpr yv_status status_of(ErrorCode code) noexcept {
    return static_cast<yv_status>(code) + 1;
}

/// What the exception that is being handled means to a caller in C. Call it in a `catch (...)`.
/// @param error may be null; gets a new error
yv_status report(std::string_view area, yv_error** error);

/// A new error with the same text; without memory, the one that says so.
yv_error* copy_of(const yv_error& error) noexcept;

/// The body of a function of the interface: nothing is thrown out of it but the unwinding of `pthread_cancel`.
template <typename Body>
yv_status call(std::string_view area, yv_error** error, Body&& body) {
    try {
        std::forward<Body>(body)();
        return YV_OK;
    } catch (...) {
        return report(area, error);
    }
}

/// As `call`, for functions that have no place for an error.
template <typename Value, typename Body>
Value call_or(Value otherwise, Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        static_cast<void>(report("c", nullptr));
        return otherwise;
    }
}

/// @throws Error InvalidArgument for a null pointer
void expect(const void* pointer, std::string_view name);

/// A place for a result, which is null until there is one. @throws Error InvalidArgument for a null pointer
template <typename T>
void expect_place(T** place, std::string_view name) {
    expect(static_cast<const void*>(place), name);
    *place = nullptr;
}

/// A copy that `yv_string_free` frees. @throws std::bad_alloc
char* new_text(std::string_view text);

}  // namespace yolovino::c_api
