#pragma once

#include <filesystem>
#include <memory>

#include "graph/graph.hpp"
#include "writers/metadata.hpp"

namespace ov {
class Model;
}

namespace yolovino::writers::openvino {

/// Writes `<stem>.xml`, `<stem>.bin`, `<stem>.mapping`, and `metadata.yaml` into `folder`, which must exist.
/// @throws Error RuntimeFailure, IoFailure
void write_folder(const graph::Graph& graph, const Metadata& metadata, const std::filesystem::path& folder,
                  const std::string& stem);

/// The same for a model that is there already, for example quantized.
/// @param graph what it was made from; null: no mapping is written
/// @throws Error as above
void write_folder(const std::shared_ptr<ov::Model>& model, const graph::Graph* graph, const Metadata& metadata,
                  const std::filesystem::path& folder, const std::string& stem);

/// Writes `<stem>.mapping` for a model that was read: its tensors' own names → layers and ports. @throws Error
/// IoFailure
void write_mapping(const ov::Model& model, const std::filesystem::path& folder, const std::string& stem);

}  // namespace yolovino::writers::openvino
