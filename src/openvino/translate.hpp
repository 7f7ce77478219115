#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "yolovino/error.hpp"

#include "base/fail.hpp"

namespace yolovino::openvino {

/// What OpenVINO's message says, in one line, without the source files and conditions that it was thrown from.
std::string reason_in(std::string_view message);

/// Whether a message of OpenVINO or of one of its plugins says that memory ran out.
bool tells_of_memory(std::string_view message);

/// The Error for what OpenVINO threw: its reason in plain words, or LimitExceeded where memory ran out.
[[noreturn]] void fail_for(ErrorCode code, std::string_view area, std::string_view what, std::string_view message);

/// As base::translate, for bodies that call OpenVINO.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view area, std::string_view what, Body&& body) {
    return base::translate([&](const char* message) { fail_for(code, area, what, message); }, std::forward<Body>(body));
}

}  // namespace yolovino::openvino
