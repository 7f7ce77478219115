#pragma once

#include <vector>

#include "graph/graph.hpp"

namespace yolovino::nets {

/// How the head makes the scores of the classes from one of its feature maps.
struct ClassBranch {
    graph::Value features;             ///< [N, C, H, W], what the head takes
    graph::Value logits;               ///< [N, classes, H, W], or [N, classes, 1, 1] of a whole image
    std::vector<graph::NodeId> nodes;  ///< from the features to the logits: each takes the result of the one before
};

/// One for each feature map. @throws Error UnsupportedModel if the scores are made in another way
std::vector<ClassBranch> class_branches(const graph::Graph& graph);

/// The same network with other outputs: the features and the logits of each branch. The other nodes keep their ids.
graph::Graph class_branch_outputs(const graph::Graph& graph, const std::vector<ClassBranch>& branches);

}  // namespace yolovino::nets
