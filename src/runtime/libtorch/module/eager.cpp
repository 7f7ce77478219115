#include "runtime/libtorch/module/eager.hpp"

#include <ATen/Functions.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <variant>
#include <vector>

#include "base/fail.hpp"
#include "runtime/libtorch/module/rows.hpp"

namespace yolovino::runtime::torch_module {

namespace {

namespace op = graph::op;
using at::Tensor;

/// One node made ready to be executed.
struct Step {
    const graph::Node* node = nullptr;
    std::size_t first_output = 0;     ///< slot of port 0; the other ports follow
    std::vector<std::size_t> inputs;  ///< slots
    std::vector<std::size_t> last;    ///< slots that no later step reads
    Tensor weight;
    Tensor bias;
};

/// The weights as a tensor that shares the graph's memory.
Tensor share(const graph::Weights& weights) {
    if (!weights.data) return {};
    return at::from_blob(const_cast<float*>(weights.data->data()), weights.shape, at::kFloat);  // only ever read
}

/// Executes one step on the tensors that its inputs hold.
class Execute {
public:
    Execute(const graph::Graph& graph, const Step& step, std::vector<Tensor>& slots)
        : graph_(graph), step_(step), slots_(slots) {}

    void operator()(const op::Input&) const {}
    void operator()(const op::Output&) const { give(in(0)); }

    void operator()(const op::Conv2d& conv) const {
        give(at::conv2d(in(0), step_.weight, bias(), conv.stride, conv.pad, conv.dilation, conv.groups));
    }
    void operator()(const op::ConvTranspose2d& conv) const {
        give(at::conv_transpose2d(in(0), step_.weight, bias(), conv.stride, conv.pad, conv.output_pad));
    }

    void operator()(const op::Activation& activation) const {
        using Kind = op::ActivationKind;
        switch (activation.kind) {
            case Kind::Silu:
                return is_last(0) ? give(at::silu_(slots_[step_.inputs[0]])) : give(at::silu(in(0)));
            case Kind::Relu:
                return give(at::relu(in(0)));
            case Kind::LeakyRelu:
                return give(at::leaky_relu(in(0), activation.slope));
            case Kind::Relu6:
                return give(at::clamp(in(0), 0, 6));
            case Kind::Hardswish:
                return give(at::hardswish(in(0)));
            case Kind::Sigmoid:
                return give(at::sigmoid(in(0)));
            case Kind::Mish:
                return give(at::mish(in(0)));
            case Kind::Gelu:
                return give(at::gelu(in(0)));
            case Kind::Tanh:
                return give(at::tanh(in(0)));
        }
    }

    void operator()(const op::MaxPool& pool) const {
        give(at::max_pool2d(in(0), pool.kernel, pool.stride, pool.pad, pool.dilation, pool.ceil_mode));
    }
    void operator()(const op::AveragePool& pool) const { give(at::avg_pool2d(in(0), pool.kernel, pool.stride)); }
    void operator()(const op::GlobalMean&) const { give(at::adaptive_avg_pool2d(in(0), {1, 1})); }
    void operator()(const op::Add&) const { give(at::add(in(0), in(1))); }
    void operator()(const op::Subtract&) const { give(at::sub(in(0), in(1))); }
    void operator()(const op::Multiply&) const { give(at::mul(in(0), in(1))); }
    void operator()(const op::Scale& scale) const { give(at::mul(in(0), scale.factor)); }
    void operator()(const op::Offset& offset) const { give(at::add(in(0), offset.value)); }
    void operator()(const op::ChannelScale&) const { give(at::mul(in(0), step_.weight.view({1, -1, 1, 1}))); }
    void operator()(const op::MatMul& product) const {
        const auto side = [](const Tensor& matrices, bool transposed) {
            return transposed ? matrices.transpose(-2, -1) : matrices;
        };
        give(at::matmul(side(in(0), product.transpose_a), side(in(1), product.transpose_b)));
    }
    void operator()(const op::Sine&) const { give(at::sin(in(0))); }
    void operator()(const op::Cosine&) const { give(at::cos(in(0))); }

    void operator()(const op::Concat& concat) const { give(at::cat(all(), concat.axis)); }
    void operator()(const op::Split& split) const {
        std::vector<Tensor> parts = at::split_with_sizes(in(0), split.sizes, split.axis);
        for (std::size_t port = 0; port < parts.size(); ++port)
            slots_[step_.first_output + port] = std::move(parts[port]);
    }
    void operator()(const op::UpsampleNearest& upsample) const {
        give(at::upsample_nearest2d(in(0), c10::nullopt, upsample.scale));
    }
    void operator()(const op::Reshape& reshape) const {
        std::vector<std::int64_t> target = reshape.target;
        for (std::size_t i = 0; i < target.size(); ++i)
            if (target[i] == 0) target[i] = in(0).size(static_cast<std::int64_t>(i));
        give(at::reshape(in(0), target));
    }
    void operator()(const op::ReshapeLike& reshape) const {
        give(at::reshape(in(0), {in(0).size(0), reshape.channels, in(1).size(2), in(1).size(3)}));
    }
    void operator()(const op::ResizeLike&) const {
        give(at::upsample_nearest2d(in(0), at::IntArrayRef({in(1).size(2), in(1).size(3)})));
    }
    void operator()(const op::Transpose& transpose) const { give(at::permute(in(0), transpose.order)); }
    void operator()(const op::Softmax& softmax) const { give(at::softmax(in(0), softmax.axis)); }

    void operator()(const op::AnchorPoints&) const {
        std::vector<Tensor> parts;
        for (const Tensor& map : all()) {
            const std::int64_t height = map.size(2);
            const std::int64_t width = map.size(3);
            const Tensor x = at::arange(width, at::kFloat).add_(0.5).view({1, width}).expand({height, width});
            const Tensor y = at::arange(height, at::kFloat).add_(0.5).view({height, 1}).expand({height, width});
            parts.push_back(at::stack({x.reshape(-1), y.reshape(-1)}));
        }
        give(at::cat(parts, 1).unsqueeze(0));
    }
    void operator()(const op::AnchorStrides& anchors) const {
        std::vector<Tensor> parts;
        for (const Tensor& map : all()) {
            const auto stride = static_cast<float>(anchors.strides[parts.size()]);
            parts.push_back(at::full({1, 1, map.size(2) * map.size(3)}, stride, at::kFloat));
        }
        give(at::cat(parts, 2));
    }

    void operator()(const op::TopRows&) const { give(select_rows(graph_, *step_.node, all())); }
    void operator()(const op::SuppressedRows&) const { give(select_rows(graph_, *step_.node, all())); }

private:
    const Tensor& in(std::size_t index) const { return slots_[step_.inputs[index]]; }
    std::vector<Tensor> all() const {
        std::vector<Tensor> tensors;
        for (const std::size_t slot : step_.inputs) tensors.push_back(slots_[slot]);
        return tensors;
    }
    /// Whether this step is the only reader left, so that it may work in place.
    bool is_last(std::size_t index) const {
        return std::find(step_.last.begin(), step_.last.end(), step_.inputs[index]) != step_.last.end() &&
               !in(index).is_view() && in(index).use_count() == 1;
    }
    c10::optional<Tensor> bias() const {
        return step_.bias.defined() ? c10::optional<Tensor>(step_.bias) : c10::nullopt;
    }
    void give(Tensor value) const { slots_[step_.first_output] = std::move(value); }

    const graph::Graph& graph_;
    const Step& step_;
    std::vector<Tensor>& slots_;
};

/// A graph as a list of operator calls, executed as PyTorch executes a module: one after the other, nothing fused.
class Program {
public:
    explicit Program(std::shared_ptr<const graph::Graph> graph) : graph_(std::move(graph)) {
        const c10::InferenceMode inference;
        std::vector<std::size_t> first_slot;
        for (const graph::Node& node : graph_->nodes()) {
            Step step{.node = &node, .first_output = slot_count_, .inputs = {}, .last = {}, .weight = {}, .bias = {}};
            for (const graph::Value& value : node.inputs) step.inputs.push_back(first_slot[value.node] + value.port);
            if (const auto* conv = std::get_if<op::Conv2d>(&node.operation)) {
                step.weight = share(conv->weight);
                step.bias = share(conv->bias);
            } else if (const auto* transposed = std::get_if<op::ConvTranspose2d>(&node.operation)) {
                step.weight = share(transposed->weight);
                step.bias = share(transposed->bias);
            } else if (const auto* scale = std::get_if<op::ChannelScale>(&node.operation)) {
                step.weight = share(scale->factors);
            }
            first_slot.push_back(slot_count_);
            slot_count_ += node.outputs.size();
            steps_.push_back(std::move(step));
        }
        std::vector<bool> seen(slot_count_, false);
        for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
            for (const std::size_t slot : step->inputs) {
                if (!seen[slot]) step->last.push_back(slot);
                seen[slot] = true;
            }
        }
    }

    void run(const Tensor& images, std::vector<Tensor>& outputs) const {
        std::vector<Tensor> slots(slot_count_);
        outputs.clear();
        for (const Step& step : steps_) {
            if (std::holds_alternative<op::Input>(step.node->operation)) slots[step.first_output] = images;
            std::visit(Execute(*graph_, step, slots), step.node->operation);
            if (std::holds_alternative<op::Output>(step.node->operation)) outputs.push_back(slots[step.first_output]);
            for (const std::size_t slot : step.last) slots[slot] = Tensor();
        }
    }

private:
    std::shared_ptr<const graph::Graph> graph_;
    std::vector<Step> steps_;
    std::size_t slot_count_ = 0;
};

}  // namespace

Forward open_graph(std::shared_ptr<const graph::Graph> graph) {
    auto program = base::translate(ErrorCode::RuntimeFailure, kArea, "cannot build the network",
                                   [&] { return std::make_shared<const Program>(std::move(graph)); });
    return [program](const Tensor& images, std::vector<Tensor>& outputs) { program->run(images, outputs); };
}

}  // namespace yolovino::runtime::torch_module
