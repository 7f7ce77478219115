#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/session.hpp"
#include "tensors/signature.hpp"

namespace yolovino::runtime {

/// @throws Error MissingComponent, CorruptFile, ShapeMismatch if the check refuses the network, RuntimeFailure
std::unique_ptr<LoadedNetwork> load_onnxruntime(const std::filesystem::path& onnx,
                                                const tensors::SignatureCheck& check = {});
/// @throws Error MissingComponent
std::string onnxruntime_version();

}  // namespace yolovino::runtime
