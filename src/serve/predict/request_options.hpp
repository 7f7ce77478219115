#pragma once

#include <string>
#include <utility>
#include <vector>

#include "yolovino/predict_args.hpp"

namespace yolovino::serve {

/// The largest input of the network that a request may ask for, unless the server's own is larger.
inline constexpr int kMostRequestImgszPx = 1920;

/// The options of a prediction that a request may set, in the order of the schema.
std::vector<std::string> request_option_names();

/// The defaults of the server with what a request says, read as the command reads it.
/// @throws options::UsageError for a name that no request may set, or a wrong value
PredictArgs apply_request_options(const std::vector<std::pair<std::string, std::string>>& pairs,
                                  const PredictArgs& defaults);

}  // namespace yolovino::serve
