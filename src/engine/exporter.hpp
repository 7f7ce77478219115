#pragma once

#include <filesystem>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// Writes a checkpoint in the asked format and returns the path of the result. @throws Error as Model::export_to
std::filesystem::path export_checkpoint(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info,
                                        const ExportArgs& args);

}  // namespace yolovino::engine
