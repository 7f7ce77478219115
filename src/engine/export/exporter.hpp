#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "yolovino/formats.hpp"
#include "yolovino/model.hpp"

#include "checkpoint/checkpoint.hpp"
#include "graph/graph.hpp"
#include "writers/metadata.hpp"

namespace ov {
class Model;
}

namespace yolovino::engine {

/// Writes a checkpoint in the requested format and returns the path of the result. @throws Error as Model::export_to
std::filesystem::path export_checkpoint(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info,
                                        const ExportArgs& args);

/// Quantizes a float OpenVINO model that was exported before: `X_openvino_model` becomes `X_int8_openvino_model`.
/// @throws Error as Model::export_to
std::filesystem::path export_quantized(const std::filesystem::path& xml, const ModelInfo& info, const ExportArgs& args);

// What the export of a checkpoint and that of an imported model have in common.

/// The arguments, checked; int8 wins over half, as in Ultralytics. @throws Error InvalidArgument
ExportArgs normalize_export_args(const ExportArgs& args);

/// @throws Error InvalidArgument for a SOURCE_DATE_EPOCH that is no time
writers::Metadata metadata_of(const std::filesystem::path& source, const ModelInfo& info, const ExportArgs& args,
                              ImageSize imgsz);

/// Refuses a file whose network chooses boxes itself, and the wish for one that does. @throws Error InvalidArgument
void expect_raw(const std::filesystem::path& file, const ModelInfo& info, const ExportArgs& args);

/// What is written in 8 bits.
struct QuantizedSource {
    std::shared_ptr<const ov::Model> model;  ///< with a column of every anchor, on which ranges and damage are measured
    std::shared_ptr<const ov::Model> written;  ///< the same network choosing boxes itself; null: `model`
    const graph::Graph* graph = nullptr;       ///< what that was made from; null if it comes from a file
};

/// Everything is measured and checked before the folder is begun.
void write_quantized(const QuantizedSource& source, const writers::Metadata& metadata, const ExportArgs& args,
                     const std::string& stem, const std::filesystem::path& result);

/// One line on what does the writing.
void log_openvino();

/// What was written, and what to type next.
void log_success(const ExportFormat& format, const std::filesystem::path& result, const ModelInfo& info,
                 const ExportArgs& args, ImageSize imgsz, double seconds);

}  // namespace yolovino::engine
