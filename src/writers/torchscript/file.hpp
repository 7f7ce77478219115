#pragma once

#include <filesystem>

#include "graph/graph.hpp"
#include "writers/metadata.hpp"

namespace yolovino::writers::torchscript {

/// Writes the graph as a TorchScript archive with the metadata in `extra/config.txt`. `forward` takes images
/// [N, 3, H, W] and returns the output, of several a tuple, in the same type; the batch is dynamic in any case.
/// `metadata.half` stores the tensors as f16. The file gets its name when it is complete.
/// @throws Error LimitExceeded from 4 GiB on, RuntimeFailure, UnsupportedModel, IoFailure
void write_file(const graph::Graph& graph, const Metadata& metadata, const std::filesystem::path& path);

}  // namespace yolovino::writers::torchscript
