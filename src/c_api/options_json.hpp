#pragma once

#include <string>
#include <string_view>

namespace yolovino::c_api {

/// The options of a mode, as `yv_options_json` describes them. @throws Error InvalidArgument for another mode
std::string options_json(std::string_view mode);

}  // namespace yolovino::c_api
