#pragma once

#include <string>

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// The arguments that built a layer, as Ultralytics lists them, recovered from what was built: `[32, 64, 1, False]`.
std::string layer_arguments(const checkpoint::Module& layer);

/// Empty for what cannot be read as text: the name of a type would be written into exports.
std::string text_of(const checkpoint::Value* value);

}  // namespace yolovino::engine
