#pragma once

#include <vector>

#include "graph/graph.hpp"

namespace yolovino::writers {

/// Whether the feature maps of an AnchorPoints or AnchorStrides node are open, so that its values are not known yet.
bool anchors_are_open(const graph::Node& node);

/// The value of an AnchorPoints node over maps of known size: [2, A], the x of all cell centres, then the y, in cells.
std::vector<float> anchor_points(const graph::Graph& graph, const graph::Node& node);

/// The value of an AnchorStrides node over maps of known size: [A], in model pixels.
std::vector<float> anchor_strides(const graph::Graph& graph, const graph::Node& node);

}  // namespace yolovino::writers
