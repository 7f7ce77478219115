#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// The neutral network: operations that every writer lowers one to one. Nodes are named by checkpoint path.
namespace yolovino::graph {

/// Dimensions of a tensor, `[N, C, H, W]` or `[N, C, A]`; kDynamic where it is not known until run time.
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
/// The mean of each window; there is no padding, so that every window is full.
struct AveragePool {
    Pair kernel{1, 1};
    Pair stride{1, 1};
};
/// The mean over height and width, [N, C, 1, 1].
struct GlobalMean {};
struct Add {};
struct Subtract {};
struct Multiply {};
struct Scale {
    float factor = 1;
};
struct Offset {
    float value = 0;  ///< is added
};
/// Multiplies each channel by a value of its own.
struct ChannelScale {
    Weights factors;  ///< [C]
};
/// The product of the matrices in the last two dimensions; all other dimensions are equal.
struct MatMul {
    bool transpose_a = false;  ///< the last two dimensions of the first input change places before
    bool transpose_b = false;
};
struct Sine {};    ///< of radians
struct Cosine {};  ///< of radians
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
/// Dimensions of 0 keep the input's, one of -1 takes the rest.
struct Reshape {
    std::vector<std::int64_t> target;
};
/// The first input as a feature map [N, channels, H, W] with the height and width of the second input, a feature map of
/// which only the shape is read.
struct ReshapeLike {
    std::int64_t channels = 0;
};
/// The first input, a feature map, enlarged to the height and width of the second, of which only the shape is read.
struct ResizeLike {};
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
/// What selects boxes needs no more than the first three inputs: the boxes [N, 4, A], their scores [N, classes, A], and
/// the network's input, of which only the size is read. A fourth, [N, more, A], travels along. The result is a row for
/// each box that is left, by descending score: the box, its score, its class, and what travels along. See
/// graph/rows.hpp.
///
/// The boxes of the highest scores, [N, min(most, A), 6 + more], or where A is dynamic [N, most, 6 + more], filled up
/// with zeros.
struct TopRows {
    std::int64_t most = 300;
    bool agnostic = false;  ///< only the best class of a box is looked at
};
/// The boxes that no better one overlaps, [N, most, 6 + more], filled up with zeros.
struct SuppressedRows {
    std::int64_t most = 300;
    float conf = 0.25F;     ///< of boxes that are looked at, the least score
    float iou = 0.7F;       ///< from where boxes overlap
    bool agnostic = false;  ///< boxes of different classes overlap, too
    bool rotated = false;   ///< boxes are cx, cy, w, h, and the last of what travels along is an angle in radians;
                            ///< otherwise they are two corners
};
/// One of the network's outputs, under the name of its node.
struct Output {
    std::vector<std::string> axes = {};  ///< names of the dimensions, for formats that name those that are dynamic
};
}  // namespace op

using Operation =
    std::variant<op::Input, op::Conv2d, op::ConvTranspose2d, op::Activation, op::MaxPool, op::AveragePool,
                 op::GlobalMean, op::Add, op::Subtract, op::Multiply, op::Scale, op::Offset, op::ChannelScale,
                 op::MatMul, op::Sine, op::Cosine, op::Concat, op::Split, op::UpsampleNearest, op::Reshape,
                 op::ReshapeLike, op::ResizeLike, op::Transpose, op::Softmax, op::AnchorPoints, op::AnchorStrides,
                 op::TopRows, op::SuppressedRows, op::Output>;

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

/// `[1, 3, 640, 640]`, with `?` for a dynamic dimension.
std::string to_text(const Shape& shape);

/// 0 if a dimension is dynamic.
std::uint64_t element_count(const Shape& shape) noexcept;

/// Shapes of the results of an operation. @throws Error ShapeMismatch naming `name`
std::vector<Shape> infer_shapes(const std::string& name, const Operation& operation, const std::vector<Shape>& inputs);

/// The name of an operation as it is written in messages and dumps, for example "Conv2d".
const char* name_of(const Operation& operation) noexcept;

/// One line per node: index, operation, name, inputs, shapes.
std::string dump(const Graph& graph);

}  // namespace yolovino::graph
