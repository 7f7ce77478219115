#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "graph/graph.hpp"
#include "runtime/libtorch/entry.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime {

/// @throws Error MissingComponent, CorruptFile
std::unique_ptr<LoadedNetwork> load_libtorch(const std::filesystem::path& torchscript, const DeclaredShape& declared);
/// Executes a graph with dynamic dimensions operator by operator, as PyTorch does. @throws Error MissingComponent
std::unique_ptr<LoadedNetwork> load_libtorch(std::shared_ptr<const graph::Graph> graph);
/// Loads the module. @throws Error MissingComponent
std::string libtorch_version();

}  // namespace yolovino::runtime
