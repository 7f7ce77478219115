#include "graph/graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fail.hpp"

namespace yolovino::graph {

std::string to_text(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t dim : shape) {
        if (text.size() > 1) text += ", ";
        text += dim == kDynamic ? "?" : std::to_string(dim);
    }
    return text + "]";
}

std::uint64_t element_count(const Shape& shape) noexcept {
    std::uint64_t count = 1;
    for (const std::int64_t dim : shape) count *= dim == kDynamic ? 0 : static_cast<std::uint64_t>(dim);
    return count;
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
        "Input",      "Conv2d",    "ConvTranspose2d", "Activation",   "MaxPool",       "AveragePool",  "GlobalMean",
        "Add",        "Subtract",  "Multiply",        "Scale",        "Offset",        "ChannelScale", "MatMul",
        "Sine",       "Cosine",    "Concat",          "Split",        "Upsample",      "Reshape",      "ReshapeLike",
        "ResizeLike", "Transpose", "Softmax",         "AnchorPoints", "AnchorStrides", "TopRows",      "SuppressedRows",
        "Output"};
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
