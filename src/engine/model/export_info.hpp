#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "yolovino/model.hpp"

#include "engine/model/format.hpp"
#include "metadata/value.hpp"
#include "tensors/signature.hpp"

namespace yolovino::engine {

/// What an exported file says of itself.
struct ExportInfo {
    ModelInfo info;
    bool named = false;     ///< whether the class names are the file's; otherwise they are made up, and too many
    bool has_task = false;  ///< whether the task is the file's
    bool has_head = false;  ///< whether the class of the last layer is
    std::optional<tensors::Signature> signature = {};  ///< where the file declares it without a runtime
    std::string metadata_file = {};                    ///< where the description was read, for messages
};

/// Describes an exported network by its metadata: the metadata.yaml beside an `.xml`, the properties of an `.onnx`, the
/// `extra/config.txt` of a `.torchscript`, what other frameworks' files carry. Needs no runtime. Without metadata a
/// warning is logged. Whether there is such a task, and whether the network fits to it, is not looked at.
/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile, UnsupportedModel, ShapeMismatch
ExportInfo describe_export(const std::filesystem::path& file, ModelFormat format);

/// The same of metadata that are no file's, as describe_export reads those of files.
/// @param path the name of the model, for messages
/// @param signature what the network takes and gives
ExportInfo describe_metadata(const std::optional<metadata::Value>& tree, const std::filesystem::path& path,
                             ModelFormat format, tensors::Signature signature);

}  // namespace yolovino::engine
