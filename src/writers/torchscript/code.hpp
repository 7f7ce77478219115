#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::writers::torchscript {

inline constexpr const char* kClassName = "DetectionModel";

/// A tensor that the module owns, by its name in the checkpoint.
struct Attribute {
    std::string name;
    graph::Weights weights;
    bool buffer = false;  ///< a constant of the network, not a parameter
};

/// A module as TorchScript source with the tensors that it reads.
struct Code {
    std::string source;
    std::vector<Attribute> attributes;
};

/// Writes the class of a graph: one line per operation, variables named by checkpoint path. The batch is dynamic in any
/// case; height and width are where the graph's are.
/// @param half the tensors are f16: input and output keep the type that the caller uses
/// @throws Error RuntimeFailure for a graph without weights or without one input and an output
Code write_code(const graph::Graph& graph, bool half);

}  // namespace yolovino::writers::torchscript
