#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/c/yolovino.h"

#include "options/argument.hpp"
#include "options/modes.hpp"
#include "options/option.hpp"
#include "options/settings.hpp"

namespace yolovino::c_api {

/// The pairs of a call as the command reads them. @throws Error InvalidArgument for null pointers
std::vector<options::Argument> arguments_of(const yv_option* pairs, std::size_t count);

/// Moves the arguments with this key out of the list; the value of the last one, or nothing.
std::vector<options::Argument> take_out(std::vector<options::Argument>& arguments, std::string_view key);

/// Whether a call of this mode takes the option: not what the call itself says, such as the model.
bool takes(options::Mode mode, const options::Option& option);

/// The library's defaults with the arguments, the last of a key first.
/// @throws Error InvalidArgument for a name that is not of the mode, options::UsageError for a value
options::Settings settings_of(options::Mode mode, const std::vector<options::Argument>& arguments);

/// The same text for the same arguments.
std::string key_of(options::Mode mode, const std::vector<options::Argument>& arguments);

}  // namespace yolovino::c_api
