#pragma once

#include <filesystem>

#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"

namespace yolovino::engine {

/// Describes a checkpoint. @throws Error UnsupportedModel, CorruptFile, ShapeMismatch
ModelInfo describe_checkpoint(const checkpoint::Checkpoint& checkpoint);

/// What an exported file says of itself.
struct ExportInfo {
    ModelInfo info;
    bool named = false;  ///< whether the class names are the file's; otherwise they are made up, and too many
};

/// Describes an exported network by its metadata: the metadata.yaml beside an `.xml`, the properties of an `.onnx`, the
/// `extra/config.txt` of a `.torchscript`, what other frameworks' files carry. Needs no runtime. Without metadata a
/// warning is logged.
/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile, UnsupportedModel, ShapeMismatch for another kind of
/// network
ExportInfo describe_export(const std::filesystem::path& file);

}  // namespace yolovino::engine
