#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "yolovino/plot_args.hpp"

#include "options/argument.hpp"

namespace yolovino::c_api {

/// @throws Error InvalidArgument for an unknown name, options::UsageError for a value
PlotArgs plot_args_of(const std::vector<options::Argument>& arguments);

/// As `yv_options_json` lists them.
nlohmann::ordered_json plot_options_json();

}  // namespace yolovino::c_api
