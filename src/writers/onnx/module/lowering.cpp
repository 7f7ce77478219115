#include "writers/onnx/module/lowering.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <string_view>

#include "base/fail.hpp"
#include "base/half.hpp"
#include "graph/anchors.hpp"
#include "writers/onnx/module/codes.hpp"
#include "writers/onnx/module/nodes.hpp"
#include "writers/onnx/module/rows.hpp"

namespace yolovino::writers::onnx {

namespace {

namespace op = graph::op;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

constexpr int kOpsetOfInputs = 13;                    // Split takes its sizes as an input, Softmax works on one axis
constexpr quantize::Grid kUnitGrid = {1.0 / 255, 0};  // of what a sigmoid gives
constexpr int kOpsetOfHardSwish = 14;                 // before it HardSigmoid does the same

Integers both(const graph::Pair& pair) {
    return {pair[0], pair[1]};
}
/// ONNX wants begins, then ends.
Integers padding(const graph::Pair& pad) {
    return {pad[0], pad[1], pad[0], pad[1]};
}

/// Lowers one node after the other; `values_` holds the names of the results of every earlier node.
class Lowering : private Nodes {
public:
    Lowering(const graph::Graph& graph, const LoweringOptions& options, ::onnx::GraphProto& out)
        : Nodes(out), graph_(graph), opset_(options.opset), half_(options.half), codes_(options.codes), out_(out) {}

    void run() {
        for (const graph::Node& node : graph_.nodes()) {
            node_ = &node;
            std::visit(*this, node.operation);
        }
        if (out_.input_size() != 1 || out_.output_size() < 1) {
            throw Error(ErrorCode::RuntimeFailure, "onnx",
                        fmt::format("the graph has {} inputs and {} outputs, wanted 1 and at least 1",
                                    out_.input_size(), out_.output_size()));
        }
    }

    void operator()(const op::Input& input) {
        static const std::vector<std::string> kInputAxes = {"batch", "channels", "height", "width"};
        declare(*out_.add_input(), node_->name, input.shape, kInputAxes);
        if (half_) {
            emit("Cast", "graph_input_cast0", {node_->name}).set("to", std::int64_t{TensorProto::FLOAT16});
            results({"graph_input_cast0"});
        } else {
            results({node_->name});
        }
    }

    void operator()(const op::Conv2d& conv) {
        const Integers kernel = {conv.weight.shape[2], conv.weight.shape[3]};
        emit("Conv", node_->name, with_weights(conv.weight, conv.bias))
            .set("dilations", both(conv.dilation))
            .set("group", conv.groups)
            .set("kernel_shape", kernel)
            .set("pads", padding(conv.pad))
            .set("strides", both(conv.stride));
        done();
    }

    void operator()(const op::ConvTranspose2d& conv) {
        const Integers kernel = {conv.weight.shape[2], conv.weight.shape[3]};
        emit("ConvTranspose", node_->name, with_weights(conv.weight, conv.bias))
            .set("dilations", Integers{1, 1})
            .set("group", std::int64_t{1})
            .set("kernel_shape", kernel)
            .set("output_padding", both(conv.output_pad))
            .set("pads", padding(conv.pad))
            .set("strides", both(conv.stride));
        done();
    }

    void operator()(const op::Activation& activation) {
        activate(activation);
        done();
    }

    void operator()(const op::MaxPool& pool) {
        emit("MaxPool", node_->name, {in(0)})
            .set("ceil_mode", std::int64_t{pool.ceil_mode})
            .set("dilations", both(pool.dilation))
            .set("kernel_shape", both(pool.kernel))
            .set("pads", padding(pool.pad))
            .set("strides", both(pool.stride));
        done();
    }

    void operator()(const op::AveragePool& pool) {
        emit("AveragePool", node_->name, {in(0)})
            .set("kernel_shape", both(pool.kernel))
            .set("strides", both(pool.stride));
        done();
    }

    void operator()(const op::GlobalMean&) { simple("GlobalAveragePool", {in(0)}); }
    void operator()(const op::Add&) { simple("Add", {in(0), in(1)}); }
    void operator()(const op::Subtract&) { simple("Sub", {in(0), in(1)}); }
    void operator()(const op::Multiply&) { simple("Mul", {in(0), in(1)}); }
    void operator()(const op::Scale& scale) { simple("Mul", {in(0), number(scale.factor)}); }
    void operator()(const op::Offset& offset) { simple("Add", {in(0), number(offset.value)}); }
    void operator()(const op::ChannelScale& scale) {
        expect_data(scale.factors);
        const Integers shape = {1, scale.factors.shape[0], 1, 1};
        simple("Mul", {in(0), floats(node_->name + ".factors", *scale.factors.data, shape)});
    }
    void operator()(const op::MatMul& product) {
        const auto side = [&](std::size_t i, bool transposed) {
            return transposed ? swapped(in(i), fmt::format("{}/Transpose_{}", node_->name, i)) : in(i);
        };
        const std::string a = side(0, product.transpose_a);
        simple("MatMul", {a, side(1, product.transpose_b)});
    }
    void operator()(const op::Sine&) { simple("Sin", {in(0)}); }
    void operator()(const op::Cosine&) { simple("Cos", {in(0)}); }

    void operator()(const op::Concat& concat) {
        Names parts;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) parts.push_back(in(i));
        emit("Concat", node_->name, parts).set("axis", std::int64_t{concat.axis});
        done();
    }

    void operator()(const op::Split& split) {
        Names parts;
        for (std::size_t port = 0; port < split.sizes.size(); ++port)
            parts.push_back(parts_name(node_->name, port, split.sizes.size()));
        Names inputs = {in(0)};
        if (opset_ >= kOpsetOfInputs) inputs.push_back(integers(split.sizes));
        NodeProto& node = add("Split", node_->name, inputs, parts);
        Attributes attributes(node);
        attributes.set("axis", std::int64_t{split.axis});
        if (opset_ < kOpsetOfInputs) attributes.set("split", split.sizes);
        results(parts);
    }

    void operator()(const op::UpsampleNearest& upsample) {
        const std::vector<float> scales = {1, 1, static_cast<float>(upsample.scale[0]),
                                           static_cast<float>(upsample.scale[1])};
        // The scales are f32 in an f16 model too.
        const std::string factors =
            constant(fmt::format("resize.scales_{}x{}", upsample.scale[0], upsample.scale[1]), scales, Integers{4});
        resize({in(0), no_floats("resize.roi"), factors});
    }
    void operator()(const op::ResizeLike&) {
        const std::string& name = node_->name;
        emit("Gather", name + "/channels", {plain("Shape", name + "/Shape", {in(0)}), integers({0, 1})})
            .set("axis", std::int64_t{0});
        emit("Concat", name + "/sizes", {name + "/channels", like_sizes()}).set("axis", std::int64_t{0});
        resize({in(0), no_floats("resize.roi"), no_floats("resize.no_scales"), name + "/sizes"});
    }

    void operator()(const op::Reshape& reshape) { simple("Reshape", {in(0), integers(reshape.target)}); }
    void operator()(const op::ReshapeLike& reshape) {
        const graph::Shape& shape = node_->outputs.front();
        if (shape[2] != graph::kDynamic && shape[3] != graph::kDynamic)
            return simple("Reshape", {in(0), integers({0, reshape.channels, shape[2], shape[3]})});
        const std::string target = node_->name + "/target";
        emit("Concat", target, {integers({0, reshape.channels}), like_sizes()}).set("axis", std::int64_t{0});
        simple("Reshape", {in(0), target});
    }
    void operator()(const op::Transpose& transpose) {
        emit("Transpose", node_->name, {in(0)}).set("perm", transpose.order);
        done();
    }

    void operator()(const op::Softmax& softmax) {
        const std::int64_t axis = softmax.axis;
        if (opset_ >= kOpsetOfInputs) {
            emit("Softmax", node_->name, {in(0)}).set("axis", axis);
            return done();
        }
        // Before opset 13 it runs over the given axis and all that follow: so the axis has to be the last.
        const auto rank = static_cast<std::int64_t>(node_->outputs.front().size());
        const Integers order = swapped_order(static_cast<std::size_t>(axis), static_cast<std::size_t>(rank - 1));
        const std::string last = node_->name + "/Transpose";
        emit("Transpose", last, {in(0)}).set("perm", order);
        emit("Softmax", node_->name + "/Softmax", {last}).set("axis", rank - 1);
        emit("Transpose", node_->name, {node_->name + "/Softmax"}).set("perm", order);
        done();
    }

    void operator()(const op::AnchorPoints&) {
        if (!graph::anchors_are_open(*node_)) {
            const std::vector<float> points = graph::anchor_points(graph_, *node_);
            results({floats(node_->name, points, {1, 2, static_cast<std::int64_t>(points.size() / 2)})});
            return;
        }
        Names maps;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) maps.push_back(open_points(i));
        emit("Concat", node_->name, maps).set("axis", std::int64_t{2});
        done();
    }

    void operator()(const op::AnchorStrides& anchors) {
        if (!graph::anchors_are_open(*node_)) {
            const std::vector<float> strides = graph::anchor_strides(graph_, *node_);
            results({floats(node_->name, strides, {1, 1, static_cast<std::int64_t>(strides.size())})});
            return;
        }
        Names maps;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
            const std::string base = below(i);
            const std::string stride =
                floats(base + "/stride", {static_cast<float>(anchors.strides[i])}, Integers{1, 1});
            const std::string filled = plain("Expand", base + "/Expand", {stride, map_dims(i, base)});
            maps.push_back(plain("Reshape", base, {filled, integers({1, 1, -1})}));
        }
        emit("Concat", node_->name, maps).set("axis", std::int64_t{2});
        done();
    }

    void operator()(const op::TopRows&) { selected_rows(); }
    void operator()(const op::SuppressedRows&) { selected_rows(); }

    void operator()(const op::Output& output) {
        const int index = out_.output_size();
        declare(*out_.add_output(), node_->name, node_->outputs.front(), output.axes);
        if (half_) {
            emit("Cast", fmt::format("graph_output_cast{}", index), {in(0)}, node_->name)
                .set("to", std::int64_t{TensorProto::FLOAT});
        } else {
            rename_result(in(0), node_->name);
        }
        results({node_->name});
    }

private:
    // Nodes.

    void simple(const char* type, const Names& inputs) {
        plain(type, node_->name, inputs);
        done();
    }
    /// The dimensions of the node's result in order, but two in each other's place.
    Integers swapped_order(std::size_t one, std::size_t other) const {
        Integers order(node_->outputs.front().size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
        std::swap(order.at(one), order.at(other));
        return order;
    }
    std::string swapped(const std::string& input, const std::string& name) {
        const std::size_t rank = node_->outputs.front().size();
        emit("Transpose", name, {input}).set("perm", swapped_order(rank - 2, rank - 1));
        return name;
    }
    /// Until opset 13 the unused inputs of Resize are not optional.
    std::string no_floats(const char* name) {
        return opset_ < kOpsetOfInputs ? constant(name, std::vector<float>(), {0}) : std::string();
    }
    void resize(const Names& inputs) {
        emit("Resize", node_->name, inputs)
            .set("coordinate_transformation_mode", "asymmetric")
            .set("mode", "nearest")
            .set("nearest_mode", "floor");
        done();
    }
    /// Height and width of the second input, i64 [2].
    std::string like_sizes() {
        const graph::Shape& shape = node_->outputs.front();
        if (shape[2] != graph::kDynamic && shape[3] != graph::kDynamic) return integers({shape[2], shape[3]});
        return map_dims(1, node_->name + "/like");
    }
    void results(Names names) {
        values_.push_back(std::move(names));
        rounded_.push_back(values_.back());
        const quantize::Grid* grid = grid_of(*node_);
        if (grid == nullptr) return;
        for (std::string& name : rounded_.back()) name = rounded(*this, name, *grid);
    }
    void done() { results({node_->name}); }

    const std::string& in(std::size_t i) const {
        const graph::Value& value = node_->inputs.at(i);
        return (reads_codes() ? rounded_ : values_).at(value.node).at(value.port);
    }
    /// The grid of a node's results; null if they stay floats.
    const quantize::Grid* grid_of(const graph::Node& node) const {
        if (codes_ == nullptr) return nullptr;
        const auto found = codes_->results.find(node.name);
        return found == codes_->results.end() ? nullptr : &found->second;
    }
    bool reads_codes() const { return codes_ != nullptr && codes_->readers.contains(node_->name); }
    static std::string parts_name(const std::string& name, std::size_t port, std::size_t count) {
        return count == 1 ? name : fmt::format("{}.{}", name, port);
    }

    /// An output of the network is the result of an operation under another name; a copy would cost time.
    void rename_result(const std::string& before, const std::string& to) {
        const std::string from = before;  // its name is in what is renamed
        std::string* result = nullptr;
        for (NodeProto& node : *out_.mutable_node()) {
            for (std::string& output : *node.mutable_output()) {
                if (output == from) result = &output;
            }
        }
        const auto is_output = [&](const ::onnx::ValueInfoProto& output) { return output.name() == from; };
        if (result == nullptr || std::any_of(out_.output().begin(), out_.output().end(), is_output)) {
            plain("Identity", to, {from});  // an input, a constant, or an output already
            return;
        }
        for (NodeProto& node : *out_.mutable_node())
            std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), from, to);
        *result = to;
        for (std::vector<Names>* all : {&values_, &rounded_}) {
            for (Names& names : *all) std::replace(names.begin(), names.end(), from, to);
        }
    }

    static void declare(::onnx::ValueInfoProto& info, const std::string& name, const graph::Shape& shape,
                        std::span<const std::string> axes) {
        info.set_name(name);
        auto& type = *info.mutable_type()->mutable_tensor_type();
        type.set_elem_type(TensorProto::FLOAT);
        auto& dims = *type.mutable_shape();
        for (std::size_t i = 0; i < shape.size(); ++i) {
            auto& dim = *dims.add_dim();
            if (shape[i] != graph::kDynamic)
                dim.set_dim_value(shape[i]);
            else
                dim.set_dim_param(i < axes.size() ? axes[i] : fmt::format("{}_{}", name, i));
        }
    }

    /// Pixels and classes are not exact in 16 bits: rows are selected in 32.
    void selected_rows() {
        Names inputs;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
            inputs.push_back(in(i));
            if (!half_ || i == 2) continue;  // of the images only the size is read
            const std::string wide = fmt::format("{}/input{}", node_->name, i);
            emit("Cast", wide, {inputs.back()}).set("to", std::int64_t{TensorProto::FLOAT});
            inputs.back() = wide;
        }
        lower_rows({graph_, *node_, inputs, opset_}, *this, out_);
        done();
    }

    // Constants.

    std::string floats(const std::string& name, const std::vector<float>& values, const Integers& shape) {
        return half_ ? constant(name, base::to_halves(values), shape) : constant(name, values, shape);
    }
    std::string number(float value) { return floats(fmt::format("number.{}", value), {value}, {}); }
    std::string integers(const Integers& values) {
        return constant(fmt::format("integers.{}", fmt::join(values, "_")), values,
                        {static_cast<std::int64_t>(values.size())});
    }
    std::string integer(std::int64_t value) { return constant(fmt::format("integer.{}", value), Integers{value}, {}); }

    void expect_data(const graph::Weights& weights) const {
        if (!weights.data)
            throw Error(ErrorCode::RuntimeFailure, "onnx", "the graph holds no weights", {.module_path = node_->name});
    }
    Names with_weights(const graph::Weights& weight, const graph::Weights& bias) {
        expect_data(weight);
        if (codes_ != nullptr && codes_->weights.contains(node_->name)) return with_coded_weights(weight, bias);
        Names inputs = {in(0), floats(node_->name + ".weight", *weight.data, weight.shape)};
        if (bias.data) {
            inputs.push_back(floats(node_->name + ".bias", *bias.data, {static_cast<std::int64_t>(bias.data->size())}));
        }
        return inputs;
    }

    Names with_coded_weights(const graph::Weights& weight, const graph::Weights& bias) {
        const quantize::Grid* grid = grid_of(graph_.node(node_->inputs.at(0)));
        if (grid == nullptr) {
            throw Error(ErrorCode::RuntimeFailure, "onnx", "the input of a convolution in 8 bits has no codes",
                        {.module_path = node_->name});
        }
        Names inputs = {in(0)};
        for (std::string& name : coded_weights(*this, node_->name, codes_->weights.at(node_->name), weight.shape, *grid,
                                               bias.data ? *bias.data : std::vector<float>()))
            inputs.push_back(std::move(name));
        return inputs;
    }

    // Activations.

    void activate(const op::Activation& activation) {
        using Kind = op::ActivationKind;
        const std::string& name = node_->name;
        switch (activation.kind) {
            case Kind::Silu: {
                std::string gate = plain("Sigmoid", name + "/Sigmoid", {in(0)});
                if (reads_codes() && grid_of(*node_) != nullptr) gate = rounded(*this, gate, kUnitGrid);
                plain("Mul", name, {in(0), gate});
                return;
            }
            case Kind::Relu:
                plain("Relu", name, {in(0)});
                return;
            case Kind::LeakyRelu:
                emit("LeakyRelu", name, {in(0)}).set("alpha", activation.slope);
                return;
            case Kind::Relu6:
                plain("Clip", name, {in(0), number(0), number(6)});
                return;
            case Kind::Hardswish:
                if (opset_ >= kOpsetOfHardSwish) {
                    plain("HardSwish", name, {in(0)});
                } else {
                    emit("HardSigmoid", name + "/HardSigmoid", {in(0)}).set("alpha", 1.0F / 6).set("beta", 0.5F);
                    plain("Mul", name, {in(0), name + "/HardSigmoid"});
                }
                return;
            case Kind::Sigmoid:
                plain("Sigmoid", name, {in(0)});
                return;
            case Kind::Mish: {
                const std::string soft = plain("Softplus", name + "/Softplus", {in(0)});
                plain("Mul", name, {in(0), plain("Tanh", name + "/Tanh", {soft})});
                return;
            }
            case Kind::Gelu: {
                const std::string scaled = plain("Mul", name + "/scaled", {in(0), number(0.70710678F)});
                const std::string gate =
                    plain("Add", name + "/gate", {plain("Erf", name + "/Erf", {scaled}), number(1)});
                plain("Mul", name, {plain("Mul", name + "/gated", {in(0), gate}), number(0.5F)});
                return;
            }
            case Kind::Tanh:
                plain("Tanh", name, {in(0)});
                return;
        }
    }

    // Anchors of maps whose size is dynamic.

    std::string below(std::size_t map) const { return fmt::format("{}.{}", node_->name, map); }

    /// Height and width of a feature map, i64 [2].
    std::string map_dims(std::size_t map, const std::string& base) {
        const std::string shape = plain("Shape", base + "/Shape", {in(map)});
        emit("Gather", base + "/sides", {shape, integers({2, 3})}).set("axis", std::int64_t{0});
        return base + "/sides";
    }

    /// The centres 0.5, 1.5, … along one dimension of a map.
    std::string centres(const std::string& dims, std::int64_t which, const std::string& base) {
        emit("Gather", base + "/count", {dims, integer(which)}).set("axis", std::int64_t{0});
        const std::string cells = plain("Range", base + "/Range", {integer(0), base + "/count", integer(1)});
        emit("Cast", base + "/Cast", {cells})
            .set("to", std::int64_t{half_ ? TensorProto::FLOAT16 : TensorProto::FLOAT});
        return plain("Add", base, {base + "/Cast", number(0.5F)});
    }

    /// [1, 2, cells of the map]: x repeated for each row, then y for each column.
    std::string open_points(std::size_t map) {
        std::string base = below(map);
        const std::string dims = map_dims(map, base);
        const std::string x = plain("Expand", base + "/x/Expand", {centres(dims, 1, base + "/x"), dims});
        const std::string column =
            plain("Reshape", base + "/y/column", {centres(dims, 0, base + "/y"), integers({-1, 1})});
        const std::string y = plain("Expand", base + "/y/Expand", {column, dims});
        const std::string flat = integers({1, 1, -1});
        const std::string flat_x = plain("Reshape", base + "/x/flat", {x, flat});
        const std::string flat_y = plain("Reshape", base + "/y/flat", {y, flat});
        emit("Concat", base, {flat_x, flat_y}).set("axis", std::int64_t{1});
        return base;
    }

    const graph::Graph& graph_;
    const int opset_;
    const bool half_;
    const quantize::Codes* codes_;
    ::onnx::GraphProto& out_;
    const graph::Node* node_ = nullptr;
    std::vector<Names> values_;
    std::vector<Names> rounded_;  ///< the same after their codes, where there are any
};

}  // namespace

void lower(const graph::Graph& graph, const LoweringOptions& options, ::onnx::GraphProto& out) {
    Lowering(graph, options, out).run();
}

}  // namespace yolovino::writers::onnx
