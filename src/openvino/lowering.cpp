#include "openvino/lowering.hpp"

#include <fmt/format.h>
#include <openvino/core/model.hpp>
#include <openvino/op/ops.hpp>

#include "base/fail.hpp"
#include "graph/anchors.hpp"
#include "openvino/rows.hpp"
#include "openvino/translate.hpp"

namespace yolovino::openvino {

namespace {

namespace op = graph::op;
using ov::Output;
using OvNode = ov::Node;
using Outputs = std::vector<Output<OvNode>>;

template <typename T>
std::shared_ptr<OvNode> constant(const std::vector<T>& values, const ov::Shape& shape) {
    return ov::op::v0::Constant::create(ov::element::from<T>(), shape, values);
}

std::shared_ptr<OvNode> indices(const std::vector<std::int64_t>& values) {
    return constant(values, {values.size()});
}
std::shared_ptr<OvNode> scalar(std::int64_t value) {
    return constant<std::int64_t>({value}, {});
}

/// A constant that shares the memory of the weights.
std::shared_ptr<OvNode> constant(const graph::Weights& weights, const ov::Shape& shape, const std::string& name) {
    auto node = std::make_shared<ov::op::v0::Constant>(ov::element::f32, shape, weights.data->data(),
                                                       std::const_pointer_cast<std::vector<float>>(weights.data));
    node->set_friendly_name(name);
    return node;
}

ov::PartialShape partial_shape(const graph::Shape& shape) {
    std::vector<ov::Dimension> dims;
    for (const std::int64_t dim : shape)
        dims.emplace_back(dim == graph::kDynamic ? ov::Dimension::dynamic() : ov::Dimension(dim));
    return dims;
}

ov::Strides strides(const graph::Pair& pair) {
    return {static_cast<std::size_t>(pair[0]), static_cast<std::size_t>(pair[1])};
}
ov::CoordinateDiff padding(const graph::Pair& pair) {
    return {pair[0], pair[1]};
}
ov::Shape sizes(const graph::Pair& pair) {
    return {static_cast<std::size_t>(pair[0]), static_cast<std::size_t>(pair[1])};
}

/// Height and width of feature maps while lowering: constants where known, shape arithmetic where dynamic.
struct MapDims {
    Output<OvNode> height;  // i64 scalars
    Output<OvNode> width;
};

MapDims dims_of(const Output<OvNode>& map) {
    const auto shape = std::make_shared<ov::op::v3::ShapeOf>(map, ov::element::i64);
    const auto dim = [&](std::int64_t axis) {
        return std::make_shared<ov::op::v8::Gather>(shape, scalar(axis), scalar(0));
    };
    return {dim(2), dim(3)};
}

/// Lowers one node after the other; `outputs` holds the results of every earlier node.
class Lowering {
public:
    explicit Lowering(const graph::Graph& graph) : graph_(graph) {}

    std::shared_ptr<ov::Model> run() {
        for (const graph::Node& node : graph_.nodes()) {
            node_ = &node;
            Outputs outputs = std::visit(*this, node.operation);
            for (std::size_t port = 0; port < outputs.size(); ++port) {
                const std::string name = outputs.size() == 1 ? node.name : fmt::format("{}.{}", node.name, port);
                // The network's output passes through: the tensor keeps both names.
                outputs[port].get_tensor().add_names({name});
            }
            if (!std::holds_alternative<op::Output>(node.operation))
                outputs.front().get_node()->set_friendly_name(node.name);
            outputs_.push_back(std::move(outputs));
        }
        auto model = std::make_shared<ov::Model>(results_, parameters_, "yolovino");
        name_helpers(*model);
        return model;
    }

    Outputs operator()(const op::Input& input) {
        auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, partial_shape(input.shape));
        parameter->set_layout("NCHW");
        parameters_.push_back(parameter);
        return {parameter};
    }

    Outputs operator()(const op::Conv2d& conv) const {
        const auto& w = conv.weight.shape;
        std::shared_ptr<OvNode> out;
        if (conv.groups == 1) {
            const auto weight = constant(conv.weight, shape_of(w), node_->name + ".weight");
            out = std::make_shared<ov::op::v1::Convolution>(in(0), weight, strides(conv.stride), padding(conv.pad),
                                                            padding(conv.pad), strides(conv.dilation));
        } else {
            const auto weight = constant(conv.weight, shape_of({conv.groups, w[0] / conv.groups, w[1], w[2], w[3]}),
                                         node_->name + ".weight");
            out = std::make_shared<ov::op::v1::GroupConvolution>(in(0), weight, strides(conv.stride), padding(conv.pad),
                                                                 padding(conv.pad), strides(conv.dilation));
        }
        return {with_bias(out, conv.bias, w[0])};
    }

    Outputs operator()(const op::ConvTranspose2d& conv) const {
        const auto weight = constant(conv.weight, shape_of(conv.weight.shape), node_->name + ".weight");
        const auto out = std::make_shared<ov::op::v1::ConvolutionBackpropData>(
            in(0), weight, strides(conv.stride), padding(conv.pad), padding(conv.pad), ov::Strides{1, 1},
            ov::op::PadType::EXPLICIT, padding(conv.output_pad));
        return {with_bias(out, conv.bias, conv.weight.shape[1])};
    }

    Outputs operator()(const op::Activation& activation) const {
        using Kind = op::ActivationKind;
        switch (activation.kind) {
            case Kind::Silu:
                return {std::make_shared<ov::op::v4::Swish>(in(0))};
            case Kind::Relu:
                return {std::make_shared<ov::op::v0::Relu>(in(0))};
            case Kind::LeakyRelu:
                return {std::make_shared<ov::op::v0::PRelu>(in(0), constant<float>({activation.slope}, {1}))};
            case Kind::Relu6:
                return {std::make_shared<ov::op::v0::Clamp>(in(0), 0.0, 6.0)};
            case Kind::Hardswish:
                return {std::make_shared<ov::op::v4::HSwish>(in(0))};
            case Kind::Sigmoid:
                return {std::make_shared<ov::op::v0::Sigmoid>(in(0))};
            case Kind::Mish:
                return {std::make_shared<ov::op::v4::Mish>(in(0))};
            case Kind::Gelu:
                return {std::make_shared<ov::op::v7::Gelu>(in(0))};
            case Kind::Tanh:
                return {std::make_shared<ov::op::v0::Tanh>(in(0))};
        }
        return {};
    }

    Outputs operator()(const op::MaxPool& pool) const {
        const auto node = std::make_shared<ov::op::v14::MaxPool>(
            in(0), strides(pool.stride), strides(pool.dilation), sizes(pool.pad), sizes(pool.pad), sizes(pool.kernel),
            pool.ceil_mode ? ov::op::RoundingType::CEIL_TORCH : ov::op::RoundingType::FLOOR, ov::op::PadType::EXPLICIT,
            ov::element::i64, 2);
        return {node->output(0)};
    }

    Outputs operator()(const op::AveragePool& pool) const {
        const ov::Shape none = {0, 0};
        return {std::make_shared<ov::op::v1::AvgPool>(in(0), strides(pool.stride), none, none, sizes(pool.kernel), true,
                                                      ov::op::RoundingType::FLOOR, ov::op::PadType::EXPLICIT)};
    }

    Outputs operator()(const op::GlobalMean&) const {
        return {std::make_shared<ov::op::v1::ReduceMean>(in(0), indices({2, 3}), true)};
    }

    Outputs operator()(const op::Add&) const { return {std::make_shared<ov::op::v1::Add>(in(0), in(1))}; }
    Outputs operator()(const op::Subtract&) const { return {std::make_shared<ov::op::v1::Subtract>(in(0), in(1))}; }
    Outputs operator()(const op::Multiply&) const { return {std::make_shared<ov::op::v1::Multiply>(in(0), in(1))}; }
    Outputs operator()(const op::Scale& scale) const {
        return {std::make_shared<ov::op::v1::Multiply>(in(0), constant<float>({scale.factor}, {1, 1, 1}))};
    }
    Outputs operator()(const op::Offset& offset) const {
        return {std::make_shared<ov::op::v1::Add>(in(0), constant<float>({offset.value}, {1, 1, 1}))};
    }
    Outputs operator()(const op::ChannelScale& scale) const {
        const auto factors =
            constant(scale.factors, shape_of({1, scale.factors.shape[0], 1, 1}), node_->name + ".factors");
        return {std::make_shared<ov::op::v1::Multiply>(in(0), factors)};
    }
    Outputs operator()(const op::MatMul& product) const {
        return {std::make_shared<ov::op::v0::MatMul>(in(0), in(1), product.transpose_a, product.transpose_b)};
    }
    Outputs operator()(const op::Sine&) const { return {std::make_shared<ov::op::v0::Sin>(in(0))}; }
    Outputs operator()(const op::Cosine&) const { return {std::make_shared<ov::op::v0::Cos>(in(0))}; }

    Outputs operator()(const op::Concat& concat) const {
        Outputs parts;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) parts.push_back(in(i));
        return {std::make_shared<ov::op::v0::Concat>(parts, concat.axis)};
    }

    Outputs operator()(const op::Split& split) const {
        return std::make_shared<ov::op::v1::VariadicSplit>(in(0), scalar(split.axis), indices(split.sizes))->outputs();
    }

    Outputs operator()(const op::UpsampleNearest& upsample) const {
        const auto scales =
            constant<float>({static_cast<float>(upsample.scale[0]), static_cast<float>(upsample.scale[1])}, {2});
        return nearest(scales, ov::op::util::InterpolateBase::ShapeCalcMode::SCALES);
    }
    Outputs operator()(const op::ResizeLike&) const {
        return nearest(map_sizes(in(1), node_->outputs.front()), ov::op::util::InterpolateBase::ShapeCalcMode::SIZES);
    }

    Outputs operator()(const op::Reshape& reshape) const {
        return {std::make_shared<ov::op::v1::Reshape>(in(0), indices(reshape.target), true)};
    }
    Outputs operator()(const op::ReshapeLike& reshape) const {
        const auto target = std::make_shared<ov::op::v0::Concat>(
            ov::OutputVector{indices({0, reshape.channels}), map_sizes(in(1), node_->outputs.front())}, 0);
        return {std::make_shared<ov::op::v1::Reshape>(in(0), target, true)};
    }
    Outputs operator()(const op::Transpose& transpose) const {
        return {std::make_shared<ov::op::v1::Transpose>(in(0), indices(transpose.order))};
    }
    Outputs operator()(const op::Softmax& softmax) const {
        return {std::make_shared<ov::op::v8::Softmax>(in(0), static_cast<std::int64_t>(softmax.axis))};
    }

    Outputs operator()(const op::AnchorPoints&) const {
        return {graph::anchors_are_open(*node_) ? open_points()
                                                : constant(graph::anchor_points(graph_, *node_), {1, 2, cells()})};
    }
    Outputs operator()(const op::AnchorStrides& anchors) const {
        return {graph::anchors_are_open(*node_) ? open_strides(anchors)
                                                : constant(graph::anchor_strides(graph_, *node_), {1, 1, cells()})};
    }

    Outputs operator()(const op::TopRows&) const { return {lower_rows(graph_, *node_, inputs())}; }
    Outputs operator()(const op::SuppressedRows&) const { return {lower_rows(graph_, *node_, inputs())}; }

    Outputs operator()(const op::Output&) {
        auto result = std::make_shared<ov::op::v0::Result>(in(0));
        // "NC?" of three dimensions
        std::string layout = "NC";
        layout.resize(node_->outputs.front().size(), '?');
        result->set_layout(ov::Layout(layout));
        result->set_friendly_name(node_->name);
        results_.push_back(result);
        return {in(0)};
    }

private:
    /// Names the constants and shape arithmetic that no node of the graph stands for. OpenVINO would number them by a
    /// counter of the process, so that two exports of one network would differ.
    static void name_helpers(const ov::Model& model) {
        std::size_t ordinal = 0;
        for (const auto& node : model.get_ordered_ops()) {
            ++ordinal;
            if (node->get_friendly_name() != node->get_name()) continue;
            node->set_friendly_name(fmt::format("{}_{}", node->get_type_name(), ordinal));
        }
    }

    const Output<OvNode>& in(std::size_t i) const {
        const graph::Value& value = node_->inputs.at(i);
        return outputs_.at(value.node).at(value.port);
    }
    /// Height and width of a map, i64 [2]; `shape` is what is known of it.
    static std::shared_ptr<OvNode> map_sizes(const Output<OvNode>& map, const graph::Shape& shape) {
        if (shape[2] != graph::kDynamic && shape[3] != graph::kDynamic) return indices({shape[2], shape[3]});
        const auto all = std::make_shared<ov::op::v3::ShapeOf>(map, ov::element::i64);
        return std::make_shared<ov::op::v8::Gather>(all, indices({2, 3}), scalar(0));
    }
    Outputs nearest(const std::shared_ptr<OvNode>& size, ov::op::util::InterpolateBase::ShapeCalcMode meaning) const {
        ov::op::util::InterpolateBase::InterpolateAttrs attributes;
        attributes.mode = ov::op::util::InterpolateBase::InterpolateMode::NEAREST;
        attributes.shape_calculation_mode = meaning;
        attributes.coordinate_transformation_mode = ov::op::util::InterpolateBase::CoordinateTransformMode::ASYMMETRIC;
        attributes.nearest_mode = ov::op::util::InterpolateBase::NearestMode::FLOOR;
        return {
            std::make_shared<ov::op::v11::Interpolate>(in(0), size, constant<std::int32_t>({2, 3}, {2}), attributes)};
    }
    Outputs inputs() const {
        Outputs all;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) all.push_back(in(i));
        return all;
    }
    static ov::Shape shape_of(const graph::Shape& shape) { return {shape.begin(), shape.end()}; }

    std::shared_ptr<OvNode> with_bias(const std::shared_ptr<OvNode>& out, const graph::Weights& bias,
                                      std::int64_t channels) const {
        if (!bias.data) return out;
        out->set_friendly_name(node_->name + ".without_bias");
        const ov::Shape shape = {1, static_cast<std::size_t>(channels), 1, 1};
        return std::make_shared<ov::op::v1::Add>(out, constant(bias, shape, node_->name + ".bias"));
    }

    std::size_t cells() const { return static_cast<std::size_t>(node_->outputs.front().back()); }

    /// Per map: the cell centres 0.5, 1.5, … along x repeated for each row, and along y for each column.
    std::shared_ptr<OvNode> open_points() const {
        const auto centres = [](const Output<OvNode>& count) {
            const auto cells = std::make_shared<ov::op::v4::Range>(scalar(0), count, scalar(1), ov::element::f32);
            return std::make_shared<ov::op::v1::Add>(cells, constant<float>({0.5F}, {}));
        };
        const auto flat = indices({1, 1, -1});
        ov::OutputVector parts;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
            const MapDims dims = dims_of(in(i));
            const auto grid = std::make_shared<ov::op::v0::Concat>(
                ov::OutputVector{std::make_shared<ov::op::v0::Unsqueeze>(dims.height, scalar(0)),
                                 std::make_shared<ov::op::v0::Unsqueeze>(dims.width, scalar(0))},
                0);
            const auto x = std::make_shared<ov::op::v3::Broadcast>(
                std::make_shared<ov::op::v0::Unsqueeze>(centres(dims.width), scalar(0)), grid);
            const auto y = std::make_shared<ov::op::v3::Broadcast>(
                std::make_shared<ov::op::v0::Unsqueeze>(centres(dims.height), scalar(1)), grid);
            parts.push_back(std::make_shared<ov::op::v0::Concat>(
                ov::OutputVector{std::make_shared<ov::op::v1::Reshape>(x, flat, false),
                                 std::make_shared<ov::op::v1::Reshape>(y, flat, false)},
                1));
        }
        return std::make_shared<ov::op::v0::Concat>(parts, 2);
    }

    std::shared_ptr<OvNode> open_strides(const op::AnchorStrides& anchors) const {
        ov::OutputVector parts;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
            const MapDims dims = dims_of(in(i));
            const auto count = std::make_shared<ov::op::v1::Multiply>(dims.height, dims.width);
            const auto shape = std::make_shared<ov::op::v0::Concat>(
                ov::OutputVector{indices({1, 1}), std::make_shared<ov::op::v0::Unsqueeze>(count, scalar(0))}, 0);
            const auto stride = constant<float>({static_cast<float>(anchors.strides[i])}, {1, 1, 1});
            parts.push_back(std::make_shared<ov::op::v3::Broadcast>(stride, shape));
        }
        return std::make_shared<ov::op::v0::Concat>(parts, 2);
    }

    const graph::Graph& graph_;
    const graph::Node* node_ = nullptr;
    std::vector<Outputs> outputs_;
    ov::ParameterVector parameters_;
    ov::ResultVector results_;
};

}  // namespace

std::shared_ptr<ov::Model> lower(const graph::Graph& graph) {
    return translate(ErrorCode::RuntimeFailure, "openvino", "cannot build the model",
                     [&] { return Lowering(graph).run(); });
}

}  // namespace yolovino::openvino
