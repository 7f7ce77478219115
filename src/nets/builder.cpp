#include "nets/builder.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"

namespace yolovino::nets {

namespace op = graph::op;

void Builder::fail(const std::string& path, const std::string& message) const {
    throw Error(ErrorCode::UnsupportedModel, "nets", message,
                {.file = checkpoint_.path().string(), .module_path = path});
}

Value Builder::add(std::string name, graph::Operation operation, Values inputs) {
    return network_.graph.add(std::move(name), std::move(operation), std::move(inputs));
}

const Module& Builder::child(const Module& module, std::string_view name, const std::string& path) const {
    const Module* found = module.child(name);
    if (found == nullptr) {
        throw Error(ErrorCode::CorruptFile, "nets", fmt::format("{} has no part '{}'", module.class_path(), name),
                    {.file = checkpoint_.path().string(), .module_path = path});
    }
    return *found;
}

graph::Weights Builder::weights(const checkpoint::TensorRef& tensor, const std::string& name) const {
    graph::Weights weights{tensor.shape, nullptr};
    if (read_weights_) weights.data = std::make_shared<const std::vector<float>>(checkpoint_.read_f32(tensor, name));
    return weights;
}

void Builder::fold(graph::Weights& weight, graph::Weights& bias, const Module& norm, const std::string& path,
                   bool transposed) {
    const std::size_t out_axis = transposed ? 1 : 0;
    const auto channels = static_cast<std::size_t>(weight.shape[out_axis]);
    const auto vector = [&](const checkpoint::TensorRef* tensor, const char* name) {
        if (tensor == nullptr || tensor->element_count() != channels) {
            fail(path, fmt::format("the batch norm's {} does not have {} values", name, channels));
        }
        return weights(*tensor, path + " batch norm " + name);
    };
    const graph::Weights gamma = vector(norm.parameter("weight"), "weight");
    const graph::Weights beta = vector(norm.parameter("bias"), "bias");
    const graph::Weights mean = vector(norm.buffer("running_mean"), "running_mean");
    const graph::Weights variance = vector(norm.buffer("running_var"), "running_var");
    const double eps = Attributes(norm, path, checkpoint_.path().string()).number("eps");
    // In f32 and in PyTorch's order of operations: networks with badly scaled weights multiply a last-bit difference
    // here into hundredths of a pixel.
    const auto eps_f32 = static_cast<float>(eps);
    if (!(eps_f32 > 0)) fail(path, fmt::format("the batch norm's eps is {}", eps));
    bias.shape = {weight.shape[out_axis]};
    if (!read_weights_) return;

    std::vector<float> folded = *weight.data;
    std::vector<float> folded_bias(channels);
    const std::size_t inner = static_cast<std::size_t>(weight.shape[2] * weight.shape[3]) *
                              (transposed ? 1 : static_cast<std::size_t>(weight.shape[1]));
    const std::size_t outer = transposed ? static_cast<std::size_t>(weight.shape[0]) : 1;
    for (std::size_t c = 0; c < channels; ++c) {
        if ((*variance.data)[c] < 0)
            fail(path, fmt::format("the batch norm's running_var[{}] is {}", c, (*variance.data)[c]));
        const float inverse_deviation = 1.0F / std::sqrt((*variance.data)[c] + eps_f32);
        const float scale = (*gamma.data)[c] * inverse_deviation;
        const float before = bias.data ? (*bias.data)[c] : 0.0F;
        folded_bias[c] = (before - (*mean.data)[c]) * inverse_deviation * (*gamma.data)[c] + (*beta.data)[c];
        for (std::size_t o = 0; o < outer; ++o) {
            float* values = folded.data() + (o * channels + c) * inner;
            for (std::size_t i = 0; i < inner; ++i) values[i] *= scale;
        }
    }
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::ranges::all_of(folded, finite) || !std::ranges::all_of(folded_bias, finite))
        fail(path, "the weights become infinite with the batch norm's");
    weight.data = std::make_shared<const std::vector<float>>(std::move(folded));
    bias.data = std::make_shared<const std::vector<float>>(std::move(folded_bias));
}

/// What the convolution says of itself must be what its weight is: [out, in / groups, height, width], of a transposed
/// one [in, out, height, width].
void Builder::check_weight(const Module& conv, const checkpoint::TensorRef& weight, const std::string& path,
                           bool transposed) const {
    const auto corrupt = [&](const std::string& message) {
        throw Error(ErrorCode::CorruptFile, "nets", message,
                    {.file = checkpoint_.path().string(), .module_path = path});
    };
    const Attributes attributes(conv, path, checkpoint_.path().string());
    const graph::Shape& shape = weight.shape;
    if (shape.size() != 4 || weight.element_count() == 0)
        corrupt(fmt::format("the weight has shape {}", graph::to_text(shape)));
    const std::int64_t out = shape[transposed ? 1 : 0];
    const std::int64_t groups = attributes.integer("groups");
    // First of all, so that the product below cannot wrap.
    if (groups < 1 || out % groups != 0)
        corrupt(fmt::format("{} output channels do not divide into {} groups", out, groups));
    const std::int64_t in = transposed ? shape[0] : shape[1] * groups;
    const std::int64_t said_in = attributes.integer("in_channels", in);
    const std::int64_t said_out = attributes.integer("out_channels", out);
    const graph::Pair kernel = {shape[2], shape[3]};
    const graph::Pair said = conv.attribute("kernel_size") == nullptr ? kernel : attributes.pair("kernel_size");
    if (said_in != in || said_out != out || said != kernel) {
        corrupt(fmt::format("the weight has shape {}, wanted {} to {} channels in {} groups with a kernel of {}",
                            graph::to_text(shape), said_in, said_out, groups, graph::to_text({said[0], said[1]})));
    }
    const checkpoint::TensorRef* bias = conv.parameter("bias");
    if (bias != nullptr && bias->element_count() != static_cast<std::uint64_t>(out))
        corrupt(fmt::format("the bias has {} values for {} channels", bias->element_count(), out));
}

const Builder::Folded& Builder::folded(const Module& conv, const Module* norm, const std::string& path,
                                       bool transposed) {
    const auto [place, fresh] = folded_.try_emplace({&conv, norm});
    if (!fresh) return place->second;
    const checkpoint::TensorRef* weight = conv.parameter("weight");
    if (weight == nullptr) fail(path, "the convolution has no weight");
    check_weight(conv, *weight, path, transposed);
    Folded& made = place->second;
    made.weight = weights(*weight, path + ".weight");
    if (const checkpoint::TensorRef* bias = conv.parameter("bias")) made.bias = weights(*bias, path + ".bias");
    if (norm != nullptr) fold(made.weight, made.bias, *norm, path, transposed);
    return made;
}

void Builder::count(const graph::Weights& weight, const graph::Shape& out, const graph::Shape& in, bool transposed,
                    bool norm) {
    const auto elements = [](const graph::Shape& shape) {
        std::uint64_t product = 1;
        for (const std::int64_t side : shape) product *= side == graph::kDynamic ? 0 : static_cast<std::uint64_t>(side);
        return product;
    };
    const auto per_element = static_cast<std::uint64_t>(weight.shape[1] * weight.shape[2] * weight.shape[3]);
    network_.cost.conv_macs += per_element * elements(transposed ? in : out);
    if (norm) network_.cost.norm_elements += elements(out);
}

Network Builder::build(const InputShape& input) {
    const Module& layers = child(checkpoint_.model(), "model", "");
    if (layers.children.empty()) fail("model", "the network has no layers");
    network_ = {};
    const Value images = add("images", op::Input{{input.batch, 3, input.height, input.width}}, {});
    Values outputs;
    for (std::size_t i = 0; i < layers.children.size(); ++i) {
        const auto& [name, module] = layers.children[i];
        const std::string path = "model." + name;
        if (read_weights_) base::emit_progress("Building the network", i, layers.children.size());
        Values inputs;
        for (const std::int64_t from : Attributes(*module, path, checkpoint_.path().string()).integers("f")) {
            const std::int64_t index = from < 0 ? static_cast<std::int64_t>(i) + from : from;
            if (i == 0 && from == -1) {
                inputs.push_back(images);
            } else if (index >= 0 && index < static_cast<std::int64_t>(i)) {
                inputs.push_back(outputs[static_cast<std::size_t>(index)]);
            } else {
                fail(path, fmt::format("takes its input from layer {}", from));
            }
        }
        outputs.push_back(layer(*module, path, inputs));
    }
    if (layers.children.back().second->class_name != "Detect") {
        fail("model." + layers.children.back().first,
             fmt::format("the last layer is {}, wanted a Detect head", layers.children.back().second->class_path()));
    }
    add("output0", op::Output{}, {outputs.back()});
    if (read_weights_) base::emit_progress("Building the network", layers.children.size(), layers.children.size());
    return std::move(network_);
}

Network build_network(const checkpoint::Checkpoint& checkpoint, const InputShape& input) {
    return Builder(checkpoint, true).build(input);
}

Network build_shapes(const checkpoint::Checkpoint& checkpoint, const InputShape& input) {
    return Builder(checkpoint, false).build(input);
}

HeadInfo read_head(const checkpoint::Checkpoint& checkpoint) {
    const Module* layers = checkpoint.model().child("model");
    if (layers == nullptr || layers->children.empty()) {
        throw Error(ErrorCode::CorruptFile, "nets", "the model has no layers", {.file = checkpoint.path().string()});
    }
    const auto& [name, module] = layers->children.back();
    return read_head(checkpoint, *module, "model." + name);
}

}  // namespace yolovino::nets
