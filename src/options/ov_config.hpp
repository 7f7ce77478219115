#pragma once

#include <string>
#include <string_view>

#include "yolovino/runtime_options.hpp"

namespace yolovino::options {

/// Reads `KEY=VALUE` with commas between, where a value may also contain a comma, and `.json` files among them:
/// `{"KEY": VALUE, "DEVICE": {"KEY": VALUE}}`. Keys and devices are made upper case.
/// @return false if the text has another form @throws UsageError if a file cannot be read
bool read_ov_config(std::string_view text, OvConfig& target);

/// As it would be typed; `None` if it is empty.
std::string show_ov_config(const OvConfig& config);

}  // namespace yolovino::options
