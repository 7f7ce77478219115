#include "graph/anchors.hpp"

#include <cstddef>
#include <cstdint>

namespace yolovino::graph {

bool anchors_are_open(const Node& node) {
    return node.outputs.front().back() == graph::kDynamic;
}

std::vector<float> anchor_points(const Graph& graph, const Node& node) {
    const auto cells = static_cast<std::size_t>(node.outputs.front().back());
    std::vector<float> points(2 * cells);
    std::size_t i = 0;
    for (const graph::Value& map : node.inputs) {
        const graph::Shape& shape = graph.shape(map);
        for (std::int64_t y = 0; y < shape[2]; ++y) {
            for (std::int64_t x = 0; x < shape[3]; ++x, ++i) {
                points[i] = static_cast<float>(x) + 0.5F;
                points[i + cells] = static_cast<float>(y) + 0.5F;
            }
        }
    }
    return points;
}

std::vector<float> anchor_strides(const Graph& graph, const Node& node) {
    const auto& strides = std::get<graph::op::AnchorStrides>(node.operation).strides;
    std::vector<float> values;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const graph::Shape& shape = graph.shape(node.inputs[i]);
        values.insert(values.end(), static_cast<std::size_t>(shape[2] * shape[3]), static_cast<float>(strides[i]));
    }
    return values;
}

}  // namespace yolovino::graph
