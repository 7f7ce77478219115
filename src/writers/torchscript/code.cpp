#include "writers/torchscript/code.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <string_view>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "graph/anchors.hpp"
#include "writers/torchscript/rows.hpp"

namespace yolovino::writers::torchscript {

namespace {

namespace op = graph::op;

std::string list(const graph::Pair& pair) {
    return fmt::format("[{}, {}]", pair[0], pair[1]);
}
std::string list(const std::vector<std::int64_t>& values) {
    return fmt::format("[{}]", fmt::join(values, ", "));
}
std::string quoted(const std::string& text) {
    return '"' + text + '"';
}
/// The shortest text of an f32, with the point that makes it a float.
std::string literal(float value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += '.';
    return text;
}

/// Writes one node after the other; `values_` holds the variables of every earlier node.
class Writer {
public:
    Writer(const graph::Graph& graph, bool half) : graph_(graph), half_(half) {}

    Code run() {
        for (const graph::Node& node : graph_.nodes()) {
            node_ = &node;
            std::visit(*this, node.operation);
        }
        if (input_.empty() || outputs_.empty())
            throw Error(ErrorCode::RuntimeFailure, "torchscript", "the graph has no input or no output");
        return {source(), std::move(attributes_)};
    }

    void operator()(const op::Input&) {
        if (!input_.empty()) throw Error(ErrorCode::RuntimeFailure, "torchscript", "the graph has two inputs");
        input_ = variable(node_->name);
        values_.push_back({input_});
    }

    void operator()(const op::Conv2d& conv) {
        const std::string weight = attribute("weight", conv.weight);
        const std::string bias = optional_attribute("bias", conv.bias);
        assign(fmt::format("torch.conv2d({}, {}, {}, {}, {}, {}, {})", in(0), weight, bias, list(conv.stride),
                           list(conv.pad), list(conv.dilation), conv.groups));
    }

    void operator()(const op::ConvTranspose2d& conv) {
        const std::string weight = attribute("weight", conv.weight);
        const std::string bias = optional_attribute("bias", conv.bias);
        assign(fmt::format("torch.conv_transpose2d({}, {}, {}, {}, {}, {}, 1, [1, 1])", in(0), weight, bias,
                           list(conv.stride), list(conv.pad), list(conv.output_pad)));
    }

    void operator()(const op::Activation& activation) {
        using Kind = op::ActivationKind;
        switch (activation.kind) {
            case Kind::Silu:
                return assign(fmt::format("torch.silu({})", in(0)));
            case Kind::Relu:
                return assign(fmt::format("torch.relu({})", in(0)));
            case Kind::LeakyRelu:
                return assign(fmt::format("torch.leaky_relu({}, {})", in(0), literal(activation.slope)));
            case Kind::Relu6:
                return assign(fmt::format("torch.hardtanh({}, 0., 6.)", in(0)));
            case Kind::Hardswish:
                return assign(fmt::format("torch.hardswish({})", in(0)));
            case Kind::Sigmoid:
                return assign(fmt::format("torch.sigmoid({})", in(0)));
            case Kind::Mish:
                return assign(fmt::format("torch.mish({})", in(0)));
            case Kind::Gelu:
                return assign(fmt::format("torch.gelu({})", in(0)));
            case Kind::Tanh:
                return assign(fmt::format("torch.tanh({})", in(0)));
        }
    }

    void operator()(const op::MaxPool& pool) {
        assign(fmt::format("torch.max_pool2d({}, {}, {}, {}, {}, {})", in(0), list(pool.kernel), list(pool.stride),
                           list(pool.pad), list(pool.dilation), pool.ceil_mode ? "True" : "False"));
    }

    void operator()(const op::AveragePool& pool) {
        assign(fmt::format("torch.avg_pool2d({}, {}, {}, [0, 0], False, True, None)", in(0), list(pool.kernel),
                           list(pool.stride)));
    }

    void operator()(const op::GlobalMean&) { assign(fmt::format("torch.adaptive_avg_pool2d({}, [1, 1])", in(0))); }
    void operator()(const op::Add&) { assign(fmt::format("torch.add({}, {})", in(0), in(1))); }
    void operator()(const op::Subtract&) { assign(fmt::format("torch.sub({}, {})", in(0), in(1))); }
    void operator()(const op::Multiply&) { assign(fmt::format("torch.mul({}, {})", in(0), in(1))); }
    void operator()(const op::Scale& scale) { assign(fmt::format("torch.mul({}, {})", in(0), literal(scale.factor))); }
    void operator()(const op::Offset& offset) {
        assign(fmt::format("torch.add({}, {})", in(0), literal(offset.value)));
    }
    void operator()(const op::ChannelScale& scale) {
        const std::string factors = attribute("factors", scale.factors);
        assign(fmt::format("torch.mul({}, torch.reshape({}, [1, -1, 1, 1]))", in(0), factors));
    }
    void operator()(const op::MatMul& product) {
        const auto side = [&](std::size_t i, bool transposed) {
            return transposed ? fmt::format("torch.transpose({}, -2, -1)", in(i)) : in(i);
        };
        assign(fmt::format("torch.matmul({}, {})", side(0, product.transpose_a), side(1, product.transpose_b)));
    }
    void operator()(const op::Sine&) { assign(fmt::format("torch.sin({})", in(0))); }
    void operator()(const op::Cosine&) { assign(fmt::format("torch.cos({})", in(0))); }

    void operator()(const op::Concat& concat) {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) parts.push_back(in(i));
        assign(fmt::format("torch.cat([{}], {})", fmt::join(parts, ", "), concat.axis));
    }

    void operator()(const op::Split& split) {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < split.sizes.size(); ++i)
            parts.push_back(variable(fmt::format("{}.{}", node_->name, i)));
        line(fmt::format("{}, = torch.split_with_sizes({}, {}, {})", fmt::join(parts, ", "), in(0), list(split.sizes),
                         split.axis));
        values_.push_back(parts);
    }

    void operator()(const op::UpsampleNearest& upsample) {
        assign(fmt::format("torch.upsample_nearest2d({}, None, [{}, {}])", in(0),
                           literal(static_cast<float>(upsample.scale[0])),
                           literal(static_cast<float>(upsample.scale[1]))));
    }

    void operator()(const op::ResizeLike&) {
        assign(
            fmt::format("torch.upsample_nearest2d({0}, [torch.size({1}, 2), torch.size({1}, 3)], None)", in(0), in(1)));
    }

    void operator()(const op::Reshape& reshape) {
        std::vector<std::string> dims;
        for (std::size_t i = 0; i < reshape.target.size(); ++i) {
            dims.push_back(reshape.target[i] == 0 ? fmt::format("torch.size({}, {})", in(0), i)
                                                  : std::to_string(reshape.target[i]));
        }
        assign(fmt::format("torch.reshape({}, [{}])", in(0), fmt::join(dims, ", ")));
    }
    void operator()(const op::ReshapeLike& reshape) {
        assign(fmt::format("torch.reshape({0}, [torch.size({0}, 0), {2}, torch.size({1}, 2), torch.size({1}, 3)])",
                           in(0), in(1), reshape.channels));
    }
    void operator()(const op::Transpose& transpose) {
        assign(fmt::format("torch.permute({}, {})", in(0), list(transpose.order)));
    }
    void operator()(const op::Softmax& softmax) { assign(fmt::format("torch.softmax({}, {})", in(0), softmax.axis)); }

    void operator()(const op::AnchorPoints&) {
        if (!graph::anchors_are_open(*node_)) return constant({1, 2, cells()}, graph::anchor_points(graph_, *node_));
        std::vector<std::string> maps;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) maps.push_back(open_points(i));
        assign(fmt::format("torch.unsqueeze(torch.cat([{}], 1), 0)", fmt::join(maps, ", ")));
    }
    void operator()(const op::AnchorStrides& anchors) {
        if (!graph::anchors_are_open(*node_)) return constant({1, 1, cells()}, graph::anchor_strides(graph_, *node_));
        std::vector<std::string> maps;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
            const std::string& map = in(i);
            maps.push_back(define(fmt::format("{}.{}", node_->name, i),
                                  fmt::format("torch.mul(torch.ones([torch.mul(torch.size({0}, 2), torch.size({0}, "
                                              "3))], {1}), {2})",
                                              map, like(map), anchors.strides[i])));
        }
        assign(fmt::format("torch.reshape(torch.cat([{}], 0), [1, 1, -1])", fmt::join(maps, ", ")));
    }

    void operator()(const op::TopRows&) { selected_rows(); }
    void operator()(const op::SuppressedRows&) { selected_rows(); }

    void operator()(const op::Output&) {
        outputs_.push_back(in(0));
        values_.push_back({outputs_.back()});
    }

private:
    void line(const std::string& statement) { lines_ += "    " + statement + "\n"; }

    /// A new variable: the path with what no identifier may hold replaced.
    std::string variable(const std::string& path) {
        static constexpr std::array<std::string_view, 24> kReserved = {
            "and", "as",  "assert", "break", "class", "def", "del",    "elif", "else",  "for",   "from", "if",
            "in",  "inf", "is",     "not",   "ops",   "or",  "return", "self", "torch", "while", "with", "None"};
        std::string name;
        for (const char c : path) {
            const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            name += allowed ? c : '_';
        }
        const bool reserved = std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
        if (name.empty() || reserved || (name.front() >= '0' && name.front() <= '9')) name.insert(0, "v_");
        std::string unique = name;
        for (int i = 2; !variables_.insert(unique).second; ++i) unique = fmt::format("{}__{}", name, i);
        return unique;
    }
    std::string define(const std::string& path, const std::string& expression) {
        std::string name = variable(path);
        line(name + " = " + expression);
        return name;
    }
    void assign(const std::string& expression) { values_.push_back({define(node_->name, expression)}); }

    const std::string& in(std::size_t i) const {
        const graph::Value& value = node_->inputs.at(i);
        return values_.at(value.node).at(value.port);
    }

    void selected_rows() {
        std::vector<std::string> inputs;
        for (std::size_t i = 0; i < node_->inputs.size(); ++i) inputs.push_back(in(i));
        const Script script{[this](const std::string& path) { return variable(path); },
                            [this](const std::string& statement) { line(statement); }};
        values_.push_back({write_rows(graph_, *node_, inputs, script)});
    }

    std::string attribute_named(const std::string& name, const graph::Weights& weights, bool buffer) {
        if (!weights.data)
            throw Error(ErrorCode::RuntimeFailure, "torchscript", "the graph holds no weights", {.module_path = name});
        attributes_.push_back({name, weights, buffer});
        std::string local = define(name, fmt::format("getattr(self, {})", quoted(name)));
        // The type of the first parameter is the one that the whole module has at the time of the call.
        if (half_ && !buffer && values_.size() == 1)
            values_[0][0] = define(input_ + ".as",
                                   fmt::format("torch.to({}, ops.prim.dtype({}), False, False, None)", input_, local));
        return local;
    }
    std::string attribute(const char* suffix, const graph::Weights& weights) {
        return attribute_named(fmt::format("{}.{}", node_->name, suffix), weights, false);
    }
    std::string optional_attribute(const char* suffix, const graph::Weights& weights) {
        return weights.data ? attribute(suffix, weights) : "None";
    }
    /// A value that the shape fixes; as a buffer it follows the module to another device or type.
    void constant(graph::Shape shape, std::vector<float> values) {
        const graph::Weights weights{std::move(shape), std::make_shared<const std::vector<float>>(std::move(values))};
        values_.push_back({attribute_named(node_->name, weights, true)});
    }
    std::int64_t cells() const { return node_->outputs.front().back(); }

    static std::string like(const std::string& map) {
        return fmt::format("dtype=ops.prim.dtype({0}), layout=None, device=ops.prim.device({0}), pin_memory=None", map);
    }
    /// [2, cells of the map]: x repeated for each row, then y for each column.
    std::string open_points(std::size_t index) {
        const std::string& map = in(index);
        const std::string base = fmt::format("{}.{}", node_->name, index);
        const std::string height = define(base + ".height", fmt::format("torch.size({}, 2)", map));
        const std::string width = define(base + ".width", fmt::format("torch.size({}, 3)", map));
        const auto flat = [&](const char* dim, const std::string& count, int axis) {
            const std::string centres = define(fmt::format("{}.{}", base, dim),
                                               fmt::format("torch.add(torch.arange({}, {}), 0.5)", count, like(map)));
            return define(fmt::format("{}.{}.flat", base, dim),
                          fmt::format("torch.reshape(torch.expand(torch.unsqueeze({}, {}), [{}, {}]), [-1])", centres,
                                      axis, height, width));
        };
        const std::string x = flat("x", width, 0);
        const std::string y = flat("y", height, 1);
        return define(base, fmt::format("torch.stack([{}, {}])", x, y));
    }

    std::string names(bool buffers) const {
        std::string out = "[";
        for (const Attribute& each : attributes_) {
            if (each.buffer == buffers) out += quoted(each.name) + ", ";
        }
        return out + "]";
    }
    std::string source() const {
        std::string out = fmt::format("class {}(Module):\n  __parameters__ = {}\n  __buffers__ = {}\n", kClassName,
                                      names(false), names(true));
        out += "  training : bool\n";
        // Names with dots are no identifiers; this spelling keeps them as they are in the checkpoint.
        for (const Attribute& each : attributes_)
            out += fmt::format("  __annotations__[{}] = Tensor\n", quoted(each.name));
        std::vector<std::string> results;
        for (const std::string& output : outputs_) {
            results.push_back(
                half_ ? fmt::format("torch.to({}, ops.prim.dtype({}), False, False, None)", output, input_) : output);
        }
        const bool one = results.size() == 1;
        const std::vector<std::string_view> types(results.size(), "Tensor");
        const std::string type = one ? "Tensor" : fmt::format("Tuple[{}]", fmt::join(types, ", "));
        out += fmt::format("  def forward(self: __torch__.{},\n    {}: Tensor) -> {}:\n", kClassName, input_, type);
        const std::string all = fmt::format("{}", fmt::join(results, ", "));
        return out + lines_ + "    return " + (one ? all : "(" + all + ")") + "\n";
    }

    const graph::Graph& graph_;
    const bool half_;
    const graph::Node* node_ = nullptr;
    std::string input_;
    std::vector<std::string> outputs_;
    std::string lines_;
    std::vector<std::vector<std::string>> values_;
    std::set<std::string> variables_;
    std::vector<Attribute> attributes_;
};

}  // namespace

Code write_code(const graph::Graph& graph, bool half) {
    for (const graph::Node& node : graph.nodes()) {
        const bool harmless = node.name.find_first_of("\"\\\n\r") == std::string::npos && base::is_utf8(node.name);
        if (!harmless) {
            throw Error(
                ErrorCode::UnsupportedModel, "torchscript",
                fmt::format("the module path '{}' cannot be written in TorchScript", base::printable(node.name)));
        }
    }
    return Writer(graph, half).run();
}

}  // namespace yolovino::writers::torchscript
