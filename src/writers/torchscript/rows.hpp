#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::writers::torchscript {

/// The body of a function that is being written.
struct Script {
    std::function<std::string(const std::string& path)> variable;  ///< a new name for what a path stands for
    std::function<void(const std::string& statement)> line;
};

/// Writes a TopRows or SuppressedRows node and returns the variable that holds its result, f32. Greedy suppression is a
/// loop over the boxes that stay: torchvision's operator would have to be loaded beside the archive.
/// @param inputs variables of the node's inputs
std::string write_rows(const graph::Graph& graph, const graph::Node& node, const std::vector<std::string>& inputs,
                       const Script& script);

}  // namespace yolovino::writers::torchscript
