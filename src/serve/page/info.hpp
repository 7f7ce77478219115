#pragma once

#include "serve/generation.hpp"
#include "serve/message.hpp"

namespace yolovino::serve {

/// `GET /info`: the models that are served, each with its name, task, classes, input size, precision, device, and the
/// hash of its file, as JSON. Thread-safe.
Response info(const Generations& generations);

}  // namespace yolovino::serve
