#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "graph/graph.hpp"

namespace yolovino::nets {

struct InputShape {
    std::int64_t batch = 1;
    std::int64_t height = 640;
    std::int64_t width = 640;

    static InputShape dynamic() { return {graph::kDynamic, graph::kDynamic, graph::kDynamic}; }
};

/// What the network costs, counted while it is built.
struct Cost {
    std::uint64_t conv_macs = 0;      ///< multiply-accumulates of convolutions
    std::uint64_t norm_elements = 0;  ///< elements that batch norms see before they are folded
};

/// A detection network as a graph: input `images` [N, 3, H, W] f32 RGB 0 to 1, output `output0` [N, 4 + nc, A] f32,
/// rows cx, cy, w, h in model pixels, then the class scores.
struct Network {
    graph::Graph graph;
    Cost cost;
};

/// What the head says of itself.
struct HeadInfo {
    std::string class_name;
    std::int64_t classes = 0;
    std::int64_t reg_max = 0;
    std::vector<std::int64_t> strides;
};

/// Builds the network of a checkpoint with batch norms folded into convolutions.
/// @throws Error UnsupportedModel for a layer that is not known (with its path and class), ShapeMismatch, CorruptFile
Network build_network(const checkpoint::Checkpoint& checkpoint, const InputShape& input);

/// Shapes and cost only: weights are not read.
Network build_shapes(const checkpoint::Checkpoint& checkpoint, const InputShape& input);

/// Reads and checks the attributes of the last layer. @throws Error UnsupportedModel, CorruptFile
HeadInfo read_head(const checkpoint::Checkpoint& checkpoint);

}  // namespace yolovino::nets
