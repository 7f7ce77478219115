#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "yolovino/error.hpp"

namespace yolovino::writers::openvino {

/// What OpenVINO's message says, in one line, without the source files and conditions that it was thrown from.
std::string reason_in(std::string_view message);

/// Whether a message of OpenVINO or of one of its plugins tells that memory ran out.
bool tells_of_memory(std::string_view message);

/// The Error for what OpenVINO threw: its reason in plain words, or LimitExceeded where memory ran out.
[[noreturn]] void fail_for(ErrorCode code, std::string_view area, std::string_view what, std::string_view message);

/// As base::translate, for bodies that call OpenVINO.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view area, std::string_view what, Body&& body) {
    try {
        return body();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        fail_for(code, area, what, e.what());
    }
}

}  // namespace yolovino::writers::openvino
