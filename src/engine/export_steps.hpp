#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "yolovino/formats.hpp"
#include "yolovino/model.hpp"

#include "graph/graph.hpp"
#include "writers/metadata.hpp"

namespace ov {
class Model;
}

/// What the export of a checkpoint and that of an imported model have in common.
namespace yolovino::engine {

/// The arguments, checked; int8 wins over half, as in Ultralytics. @throws Error InvalidArgument
ExportArgs settled(const ExportArgs& args);

/// @throws Error InvalidArgument for a SOURCE_DATE_EPOCH that is no time
writers::Metadata metadata_of(const std::filesystem::path& source, const ModelInfo& info, const ExportArgs& args,
                              ImageSize imgsz);

/// Everything is measured and checked before the folder is begun.
/// @param graph what the model was made from; null if it comes from a file
void write_quantized(const std::shared_ptr<const ov::Model>& model, const graph::Graph* graph,
                     const writers::Metadata& metadata, const ExportArgs& args, const std::string& stem,
                     const std::filesystem::path& result);

/// One line on what does the writing.
void log_openvino();

/// What was written, and what to type next.
void log_success(const ExportFormat& format, const std::filesystem::path& result, const ModelInfo& info,
                 const ExportArgs& args, ImageSize imgsz, double seconds);

}  // namespace yolovino::engine
