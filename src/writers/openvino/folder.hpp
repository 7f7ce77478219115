#pragma once

#include <filesystem>

#include "graph/graph.hpp"
#include "writers/metadata.hpp"

namespace yolovino::writers::openvino {

/// Writes `<stem>.xml`, `<stem>.bin`, `<stem>.mapping`, and `metadata.yaml` into `folder`, which must exist.
/// @throws Error RuntimeFailure, IoFailure
void write_folder(const graph::Graph& graph, const Metadata& metadata, const std::filesystem::path& folder,
                  const std::string& stem);

}  // namespace yolovino::writers::openvino
