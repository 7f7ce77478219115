#pragma once

#include <string>

#include "yolovino/model.hpp"

namespace yolovino::cli {

/// What a model is, for people; `layer_table` adds Ultralytics' table of layers.
std::string model_page(const ModelInfo& info, bool layer_table);

/// The same for programs.
std::string model_json(const ModelInfo& info);

}  // namespace yolovino::cli
