#pragma once

#include <memory>

#include "graph/graph.hpp"

namespace ov {
class Model;
}

namespace yolovino::openvino {

/// Builds an OpenVINO model from a graph: one operation per node, friendly names and tensor names are the nodes' names,
/// layouts set on input and output. Constants share the graph's memory.
/// @throws Error RuntimeFailure with OpenVINO's reason
std::shared_ptr<ov::Model> lower(const graph::Graph& graph);

}  // namespace yolovino::openvino
