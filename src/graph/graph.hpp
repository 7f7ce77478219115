#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// The neutral network: operations that every writer lowers one to one. Nodes are named by checkpoint path.
namespace yolovino::graph {

/// Sides of a tensor, `[N, C, H, W]` or `[N, C, A]`; kDynamic where it is open until run time.
using Shape = std::vector<std::int64_t>;
inline constexpr std::int64_t kDynamic = -1;

using NodeId = std::uint32_t;
struct Value {
    NodeId node = 0;
    std::uint32_t port = 0;
};

/// Constant data, f32, row-major, shared between the graph and what is built from it.
struct Weights {
    Shape shape;
    std::shared_ptr<const std::vector<float>> data;
};

using Pair = std::array<std::int64_t, 2>;  ///< height, width

namespace op {
struct Input {
    Shape shape;
};
struct Conv2d {
    Weights weight;  ///< [out, in / groups, kh, kw]
    Weights bias;    ///< [out], or without data
    Pair stride{1, 1};
    Pair pad{0, 0};
    Pair dilation{1, 1};
    std::int64_t groups = 1;
};
struct ConvTranspose2d {
    Weights weight;  ///< [in, out, kh, kw]
    Weights bias;    ///< [out], or without data
    Pair stride{1, 1};
    Pair pad{0, 0};
    Pair output_pad{0, 0};
};
enum class ActivationKind { Silu, Relu, LeakyRelu, Relu6, Hardswish, Sigmoid, Mish, Gelu, Tanh };
struct Activation {
    ActivationKind kind = ActivationKind::Silu;
    float slope = 0;  ///< LeakyRelu only
};
struct MaxPool {
    Pair kernel{1, 1};
    Pair stride{1, 1};
    Pair pad{0, 0};
    Pair dilation{1, 1};
    bool ceil_mode = false;
};
struct Add {};
struct Subtract {};
struct Multiply {};
struct Scale {
    float factor = 1;
};
struct Concat {
    int axis = 1;
};
struct Split {
    int axis = 1;
    std::vector<std::int64_t> sizes;
};
struct UpsampleNearest {
    std::array<double, 2> scale{2, 2};
};
/// Sides of 0 keep the input's, one of -1 takes the rest.
struct Reshape {
    std::vector<std::int64_t> target;
};
struct Transpose {
    std::vector<std::int64_t> order;
};
struct Softmax {
    int axis = 1;
};
/// From feature maps [N, C, H, W]: the centre of each cell, [1, 2, A], x in row 0 and y in row 1, in cells.
struct AnchorPoints {};
/// From feature maps: the stride of each cell, [1, 1, A], in model pixels.
struct AnchorStrides {
    std::vector<std::int64_t> strides;
};
struct Output {};
}  // namespace op

using Operation =
    std::variant<op::Input, op::Conv2d, op::ConvTranspose2d, op::Activation, op::MaxPool, op::Add, op::Subtract,
                 op::Multiply, op::Scale, op::Concat, op::Split, op::UpsampleNearest, op::Reshape, op::Transpose,
                 op::Softmax, op::AnchorPoints, op::AnchorStrides, op::Output>;

struct Node {
    std::string name;
    Operation operation;
    std::vector<Value> inputs;
    std::vector<Shape> outputs;
};

/// Nodes in topological order: each uses only earlier ones.
class Graph {
public:
    /// Adds a node and infers its shapes.
    /// @param name checkpoint path, unique in the graph
    /// @throws Error ShapeMismatch with the name as module path, InvalidArgument if the name is taken
    Value add(std::string name, Operation operation, std::vector<Value> inputs);

    const std::vector<Node>& nodes() const noexcept { return nodes_; }
    const Node& node(Value value) const { return nodes_.at(value.node); }
    const Shape& shape(Value value) const { return nodes_.at(value.node).outputs.at(value.port); }

private:
    std::vector<Node> nodes_;
};

/// `[1, 3, 640, 640]`, with `?` for an open side.
std::string to_text(const Shape& shape);

/// Shapes of the results of an operation. @throws Error ShapeMismatch naming `name`
std::vector<Shape> infer_shapes(const std::string& name, const Operation& operation, const std::vector<Shape>& inputs);

/// The name of an operation as it is written in messages and dumps, for example "Conv2d".
const char* name_of(const Operation& operation) noexcept;

/// One line per node: index, operation, name, inputs, shapes.
std::string dump(const Graph& graph);

}  // namespace yolovino::graph
