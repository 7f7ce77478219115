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

void Builder::corrupt(const std::string& path, const std::string& message) const {
    throw Error(ErrorCode::CorruptFile, "nets", message, {.file = checkpoint_.path().string(), .module_path = path});
}

Value Builder::add(std::string name, graph::Operation operation, Values inputs) {
    return network_.graph.add(std::move(name), std::move(operation), std::move(inputs));
}

const Module& Builder::child(const Module& module, std::string_view name, const std::string& path) const {
    const Module* found = module.child(name);
    if (found == nullptr) corrupt(path, fmt::format("{} has no part '{}'", module.class_path(), name));
    return *found;
}

graph::Weights Builder::weights(const checkpoint::TensorRef& tensor, const std::string& name) const {
    graph::Weights weights{tensor.shape, nullptr};
    if (read_weights_) weights.data = std::make_shared<const std::vector<float>>(checkpoint_.read_f32(tensor, name));
    return weights;
}

void Builder::fold(graph::Weights& weight, graph::Weights& bias, const Module& norm, const std::string& path,
                   bool transposed, Rounding rounding) {
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
        const float deviation = std::sqrt((*variance.data)[c] + eps_f32);
        const float inverse = 1.0F / deviation;
        const float centred = (bias.data ? (*bias.data)[c] : 0.0F) - (*mean.data)[c];
        const bool divides = rounding == Rounding::Division;
        const float scale = divides ? (*gamma.data)[c] / deviation : (*gamma.data)[c] * inverse;
        folded_bias[c] =
            (*beta.data)[c] + (divides ? centred * (*gamma.data)[c] / deviation : centred * inverse * (*gamma.data)[c]);
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
    const auto corrupt = [&](const std::string& message) { this->corrupt(path, message); };
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
    const auto per_element = static_cast<std::uint64_t>(weight.shape[1] * weight.shape[2] * weight.shape[3]);
    network_.cost.macs += per_element * graph::element_count(transposed ? in : out);
    if (norm) network_.cost.norm_elements += graph::element_count(out);
}

Builder::Values Builder::inputs_of(const Module& module, std::size_t index, const std::string& path, Value images,
                                   const Values& outputs) const {
    Values inputs;
    for (const std::int64_t from : Attributes(module, path, checkpoint_.path().string()).integers("f")) {
        const std::int64_t source = from < 0 ? static_cast<std::int64_t>(index) + from : from;
        if (index == 0 && from == -1) {
            inputs.push_back(images);
        } else if (source >= 0 && source < static_cast<std::int64_t>(index)) {
            inputs.push_back(outputs[static_cast<std::size_t>(source)]);
        } else {
            fail(path, fmt::format("takes its input from layer {}", from));
        }
    }
    return inputs;
}

Network Builder::build(const InputShape& input) {
    const Module& layers = child(checkpoint_.model(), "model", "");
    if (layers.children.empty()) fail("model", "the network has no layers");
    network_ = {};
    const Value images = add("images", op::Input{{input.batch, 3, input.height, input.width}}, {});
    const auto& [last_name, last] = layers.children.back();
    const Head* head = find_head(heads_, last->class_name);
    Values outputs;
    std::vector<HeadOutput> results;
    for (std::size_t i = 0; i < layers.children.size(); ++i) {
        const auto& [name, module] = layers.children[i];
        const std::string path = "model." + name;
        if (read_weights_) base::emit_progress("Building the network", i, layers.children.size());
        const Values inputs = inputs_of(*module, i, path, images, outputs);
        if (head != nullptr && i + 1 == layers.children.size()) {
            results = head->build(*this, *module, path, inputs);
        } else {
            outputs.push_back(layer(*module, path, inputs));
        }
    }
    if (head == nullptr) {
        fail("model." + last_name,
             fmt::format("the last layer is {}, wanted {}", last->class_path(), head_names(heads_, " or ")));
    }
    for (std::size_t i = 0; i < results.size(); ++i)
        add(fmt::format("output{}", i), op::Output{.axes = results[i].axes}, {results[i].value});
    if (read_weights_) base::emit_progress("Building the network", layers.children.size(), layers.children.size());
    return std::move(network_);
}

Network Builder::build_features(const InputShape& input, const FeatureLayers& wanted) {
    const Module& layers = child(checkpoint_.model(), "model", "");
    network_ = {};
    const Value images = add("images", op::Input{{input.batch, 3, input.height, input.width}}, {});
    const std::size_t end = wanted.layers.empty() ? 0 : std::ranges::max(wanted.layers) + 1;
    if (end == 0 || end >= layers.children.size())
        fail("model", fmt::format("there are no features of layer {} of {}", end, layers.children.size()));
    Values outputs;
    for (std::size_t i = 0; i < end; ++i) {
        const auto& [name, module] = layers.children[i];
        const std::string path = "model." + name;
        outputs.push_back(layer(*module, path, inputs_of(*module, i, path, images, outputs)));
        if (std::ranges::find(wanted.layers, i) == wanted.layers.end()) continue;
        Value result = outputs.back();
        if (shape(result).size() != 4)
            fail(path, fmt::format("gives {}, features are [N, C, H, W]", graph::to_text(shape(result))));
        if (wanted.means) result = add(path + ".mean", op::GlobalMean{}, {result});
        add(fmt::format("features{}", i), op::Output{.axes = {"batch", "channels", "height", "width"}}, {result});
    }
    return std::move(network_);
}

}  // namespace yolovino::nets
