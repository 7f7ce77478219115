#pragma once

#include <filesystem>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// Describes a checkpoint. @throws Error UnsupportedModel, CorruptFile, ShapeMismatch
ModelInfo describe_checkpoint(const checkpoint::Checkpoint& checkpoint);

/// Describes an exported folder by its metadata.yaml; without one, names are `class0` … and a warning is logged.
/// @throws Error CorruptFile, LimitExceeded
ModelInfo describe_export(const std::filesystem::path& xml);

}  // namespace yolovino::engine
