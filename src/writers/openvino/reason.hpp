#pragma once

#include <string>
#include <string_view>

namespace yolovino::writers::openvino {

/// What OpenVINO's message says, in one line, without the source files and conditions that it was thrown from.
std::string reason_in(std::string_view message);

/// Whether a message of OpenVINO or of one of its plugins tells that memory ran out.
bool tells_of_memory(std::string_view message);

}  // namespace yolovino::writers::openvino
