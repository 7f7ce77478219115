#pragma once

#include <openvino/core/node_output.hpp>
#include <vector>

#include "graph/graph.hpp"

namespace ov {
class Node;
}

namespace yolovino::openvino {

/// The result of a TopRows or SuppressedRows node. @param inputs of the node
ov::Output<ov::Node> lower_rows(const graph::Graph& graph, const graph::Node& node,
                                const std::vector<ov::Output<ov::Node>>& inputs);

}  // namespace yolovino::openvino
