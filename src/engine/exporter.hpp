#pragma once

#include <filesystem>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// Writes a checkpoint in the asked format and returns the path of the result. @throws Error as Model::export_to
std::filesystem::path export_checkpoint(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info,
                                        const ExportArgs& args);

/// Quantises a float OpenVINO model that was exported before: `X_openvino_model` becomes `X_int8_openvino_model`.
/// @throws Error as Model::export_to
std::filesystem::path export_quantized(const std::filesystem::path& xml, const ModelInfo& info, const ExportArgs& args);

}  // namespace yolovino::engine
