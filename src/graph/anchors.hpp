#pragma once

#include <vector>

#include "graph/graph.hpp"

namespace yolovino::graph {

/// Whether the feature maps of an AnchorPoints or AnchorStrides node are dynamic, so that its values are not known yet.
bool anchors_are_open(const Node& node);

/// The value of an AnchorPoints node over maps of known size: [2, A], the x of all cell centres, then the y, in cells.
std::vector<float> anchor_points(const Graph& graph, const Node& node);

/// The value of an AnchorStrides node over maps of known size: [A], in model pixels.
std::vector<float> anchor_strides(const Graph& graph, const Node& node);

}  // namespace yolovino::graph
