#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "serve/generation.hpp"
#include "serve/kserve/served_model.hpp"

namespace yolovino::serve {

/// The only version of each model: a reload replaces it in place, so that clients that name it go on.
inline constexpr std::string_view kModelVersion = "1";

/// `GET /v2/models/NAME`: inputs, outputs, and `rt_info.model_info` as OpenVINO Model API reads it.
nlohmann::ordered_json describe_model(const ServedModel& model);

/// `GET /v2/models/NAME/config`: Triton's description of a model; `parameters.metadata` is what Ultralytics' client
/// takes the names of the classes from.
nlohmann::ordered_json configure_model(const ServedModel& model);

/// What the model says of itself, as a literal of Python: `{'names': {0: 'person'}, 'stride': 32, …}`.
std::string metadata_literal(const Generation& generation);

/// What answers say of the generation that gave them.
nlohmann::ordered_json answer_parameters(const Generation& generation);

}  // namespace yolovino::serve
