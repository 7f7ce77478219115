#include "graph/graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fail.hpp"

namespace yolovino::graph {

std::string to_text(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t side : shape) {
        if (text.size() > 1) text += ", ";
        text += side == kDynamic ? "?" : std::to_string(side);
    }
    return text + "]";
}

Value Graph::add(std::string name, Operation operation, std::vector<Value> inputs) {
    const bool taken = std::any_of(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.name == name; });
    if (taken) throw Error(ErrorCode::InvalidArgument, "graph", "two nodes have one name", {.module_path = name});
    std::vector<Shape> shapes;
    shapes.reserve(inputs.size());
    for (const Value& input : inputs) shapes.push_back(shape(input));
    std::vector<Shape> outputs = infer_shapes(name, operation, shapes);
    nodes_.push_back({std::move(name), std::move(operation), std::move(inputs), std::move(outputs)});
    return {static_cast<NodeId>(nodes_.size() - 1), 0};
}

const char* name_of(const Operation& operation) noexcept {
    static constexpr const char* kNames[] = {
        "Input",    "Conv2d",    "ConvTranspose2d", "Activation",   "MaxPool",       "Add",
        "Subtract", "Multiply",  "Scale",           "Concat",       "Split",         "Upsample",
        "Reshape",  "Transpose", "Softmax",         "AnchorPoints", "AnchorStrides", "Output"};
    static_assert(std::size(kNames) == std::variant_size_v<Operation>);
    return kNames[operation.index()];
}

std::string dump(const Graph& graph) {
    std::string text;
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
        const Node& node = graph.nodes()[i];
        std::vector<std::string> inputs;
        for (const Value& input : node.inputs) {
            inputs.push_back(fmt::format("{}{}", input.node, input.port == 0 ? "" : fmt::format(":{}", input.port)));
        }
        std::vector<std::string> outputs;
        for (const Shape& output : node.outputs) outputs.push_back(to_text(output));
        text += fmt::format("{:4} {:15} {:32} ({}) -> {}\n", i, name_of(node.operation), node.name,
                            fmt::join(inputs, ", "), fmt::join(outputs, " "));
    }
    return text;
}

}  // namespace yolovino::graph
