#pragma once

#include "runtime/onnxruntime/ort_api.hpp"

namespace yolovino::runtime::ort {

/// The runtime, loaded at the first call: from the file or folder that YOLOVINO_ONNXRUNTIME names; otherwise beside the
/// modules, from the wheel that the set-up fetches, or from the system. Thread-safe.
/// @throws Error MissingComponent with what to install
const Api& api();

}  // namespace yolovino::runtime::ort
