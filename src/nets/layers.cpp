#include <fmt/format.h>
#include <optional>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

bool is_torch(const Module& module) {
    return module.class_module.starts_with("torch.nn.modules");
}

std::optional<op::ActivationKind> activation_kind(std::string_view class_name) {
    using Kind = op::ActivationKind;
    static constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"SiLU", Kind::Silu},       {"ReLU", Kind::Relu}, {"LeakyReLU", Kind::LeakyRelu},
        {"ReLU6", Kind::Relu6},     {"Mish", Kind::Mish}, {"Hardswish", Kind::Hardswish},
        {"Sigmoid", Kind::Sigmoid}, {"GELU", Kind::Gelu}, {"Tanh", Kind::Tanh}};
    for (const auto& [name, kind] : kKinds) {
        if (name == class_name) return kind;
    }
    return std::nullopt;
}

}  // namespace

Value Builder::layer(const Module& module, const std::string& path, const Values& inputs) {
    if (!is_torch(module) && module.class_name == "Concat") return concat(module, path, inputs);
    if (!is_torch(module) && module.class_name == "CBFuse") return cb_fuse(module, path, inputs);
    if (inputs.size() != 1) {
        fail(path, fmt::format("{} got {} inputs, wanted one", module.class_path(), inputs.size()));
    }
    const Value input = inputs.front();
    if (is_torch(module)) return torch_layer(module, path, input);
    using Block = Value (Builder::*)(const Module&, const std::string&, Value);
    static constexpr std::pair<std::string_view, Block> kBlocks[] = {{"Conv", &Builder::conv_block},
                                                                     {"DWConv", &Builder::conv_block},
                                                                     {"ConvTranspose", &Builder::transpose_block},
                                                                     {"C2f", &Builder::c2f},
                                                                     {"C2", &Builder::c2},
                                                                     {"C3", &Builder::c3},
                                                                     {"C3k", &Builder::c3},
                                                                     {"C3k2", &Builder::c2f},
                                                                     {"Bottleneck", &Builder::bottleneck},
                                                                     {"SPPF", &Builder::sppf},
                                                                     {"Proto", &Builder::proto},
                                                                     {"Attention", &Builder::attention},
                                                                     {"PSABlock", &Builder::psa_block},
                                                                     {"PSA", &Builder::c2psa},
                                                                     {"C2PSA", &Builder::c2psa},
                                                                     {"C2fPSA", &Builder::c2f},
                                                                     {"AAttn", &Builder::area_attention},
                                                                     {"ABlock", &Builder::area_block},
                                                                     {"A2C2f", &Builder::a2c2f},
                                                                     {"SCDown", &Builder::scdown},
                                                                     {"CIB", &Builder::cib},
                                                                     {"C2fCIB", &Builder::c2f},
                                                                     {"RepVGGDW", &Builder::rep_vgg_dw},
                                                                     {"RepConv", &Builder::rep_conv},
                                                                     {"RepBottleneck", &Builder::bottleneck},
                                                                     {"RepCSP", &Builder::c3},
                                                                     {"RepNCSPELAN4", &Builder::elan},
                                                                     {"ELAN1", &Builder::elan},
                                                                     {"AConv", &Builder::aconv},
                                                                     {"ADown", &Builder::adown},
                                                                     {"SPPELAN", &Builder::spp_elan},
                                                                     {"Silence", &Builder::silence},
                                                                     {"CBLinear", &Builder::cb_linear}};
    std::string supported;
    for (const auto& [name, block] : kBlocks) {
        if (name == module.class_name) return (this->*block)(module, path, input);
        supported.append(name).append(", ");
    }
    throw Error(ErrorCode::UnsupportedModel, "nets", fmt::format("unsupported layer {}", module.class_path()),
                {.file = checkpoint_.path().string(), .module_path = path},
                "supported are networks of " + supported + "CBFuse, Upsample, Concat, " + head_names(heads_, ", "));
}

Value Builder::torch_layer(const Module& module, const std::string& path, Value input) {
    if (module.class_name == "Sequential") return sequential(module, path, input);
    if (module.class_name == "Conv2d") return conv2d(module, nullptr, path, input);
    if (module.class_name == "ConvTranspose2d") return conv_transpose2d(module, nullptr, path, input);
    if (module.class_name == "MaxPool2d") return max_pool(module, path, input);
    if (module.class_name == "AdaptiveAvgPool2d") return average_pool(module, path, input);
    if (module.class_name == "Linear") return linear(module, path, input);
    if (module.class_name == "Upsample") return upsample(module, path, input);
    return activation(module, path, input);
}

Value Builder::sequential(const Module& module, const std::string& path, Value input) {
    for (const auto& [name, part] : module.children) input = layer(*part, fmt::format("{}.{}", path, name), {input});
    return input;
}

Value Builder::activation(const Module& module, const std::string& path, Value input) {
    // Dropout does nothing at inference.
    if (is_torch(module) && (module.class_name == "Identity" || module.class_name == "Dropout")) return input;
    const auto kind = is_torch(module) ? activation_kind(module.class_name) : std::nullopt;
    if (!kind) {
        throw Error(ErrorCode::UnsupportedModel, "nets", fmt::format("unsupported layer {}", module.class_path()),
                    {.file = checkpoint_.path().string(), .module_path = path});
    }
    const double slope = *kind == op::ActivationKind::LeakyRelu
                             ? Attributes(module, path, checkpoint_.path().string()).number("negative_slope")
                             : 0;
    return add(path, op::Activation{.kind = *kind, .slope = static_cast<float>(slope)}, {input});
}

Value Builder::conv2d(const Module& conv, const Module* norm, const std::string& path, Value input) {
    const Attributes attributes(conv, path, checkpoint_.path().string());
    const checkpoint::Value* mode = conv.attribute("padding_mode");
    if (mode != nullptr && (mode->as_string() == nullptr || *mode->as_string() != "zeros")) {
        fail(path, fmt::format("padding_mode is {}, wanted 'zeros'", mode->to_text()));
    }
    const Folded& parts = folded(conv, norm, path, false);
    op::Conv2d operation{.weight = parts.weight,
                         .bias = parts.bias,
                         .stride = attributes.pair("stride"),
                         .pad = attributes.pair("padding"),
                         .dilation = attributes.pair("dilation"),
                         .groups = attributes.integer("groups")};
    const Value out = add(path, std::move(operation), {input});
    count(parts.weight, network_.graph.shape(out), network_.graph.shape(input), false, norm != nullptr);
    return out;
}

Value Builder::conv_transpose2d(const Module& conv, const Module* norm, const std::string& path, Value input) {
    const Attributes attributes(conv, path, checkpoint_.path().string());
    if (attributes.integer("groups") != 1 || attributes.pair("dilation") != graph::Pair{1, 1}) {
        fail(path, "transposed convolutions with groups or dilation are not supported");
    }
    const Folded& parts = folded(conv, norm, path, true);
    op::ConvTranspose2d operation{.weight = parts.weight,
                                  .bias = parts.bias,
                                  .stride = attributes.pair("stride"),
                                  .pad = attributes.pair("padding"),
                                  .output_pad = attributes.pair("output_padding")};
    const Value out = add(path, std::move(operation), {input});
    count(parts.weight, network_.graph.shape(out), network_.graph.shape(input), true, norm != nullptr);
    return out;
}

Value Builder::max_pool(const Module& module, const std::string& path, Value input) {
    const Attributes attributes(module, path, checkpoint_.path().string());
    return add(path,
               op::MaxPool{.kernel = attributes.pair("kernel_size"),
                           .stride = attributes.pair("stride"),
                           .pad = attributes.pair("padding"),
                           .dilation = attributes.pair("dilation"),
                           .ceil_mode = attributes.boolean("ceil_mode", false)},
               {input});
}

Value Builder::average_pool(const Module& module, const std::string& path, Value input) {
    const graph::Pair size = Attributes(module, path, checkpoint_.path().string()).pair("output_size");
    if (size != graph::Pair{1, 1}) {
        fail(path, fmt::format("AdaptiveAvgPool2d has output_size {}, wanted 1", graph::to_text({size[0], size[1]})));
    }
    const Value out = add(path, op::GlobalMean{}, {input});
    // Ultralytics' counter charges one addition for each element and one division for each mean.
    network_.cost.macs += graph::element_count(network_.graph.shape(input)) + graph::element_count(shape(out));
    return out;
}

/// Over a single cell a linear layer is a convolution.
Value Builder::linear(const Module& module, const std::string& path, Value input) {
    const checkpoint::TensorRef* tensor = module.parameter("weight");
    const checkpoint::TensorRef* bias = module.parameter("bias");
    const graph::Shape& in = shape(input);
    if (tensor == nullptr || tensor->shape.size() != 2 || tensor->element_count() == 0)
        corrupt(path, fmt::format("the weight of the linear layer {}",
                                  tensor == nullptr ? "is absent" : "has shape " + graph::to_text(tensor->shape)));
    const std::int64_t channels = tensor->shape[0];
    const Attributes attributes(module, path, checkpoint_.path().string());
    const std::int64_t said_in = attributes.integer("in_features", tensor->shape[1]);
    const std::int64_t said_out = attributes.integer("out_features", channels);
    if (said_in != tensor->shape[1] || said_out != channels) {
        corrupt(path, fmt::format("the weight has shape {}, wanted {} to {} features", graph::to_text(tensor->shape),
                                  said_in, said_out));
    }
    if (bias != nullptr && bias->element_count() != static_cast<std::uint64_t>(channels))
        corrupt(path, fmt::format("the bias has {} values for {} features", bias->element_count(), channels));
    if (in.size() != 4 || in[2] != 1 || in[3] != 1)
        fail(path, fmt::format("a linear layer got {}, wanted one cell [N, C, 1, 1]", graph::to_text(in)));
    op::Conv2d operation{.weight = weights(*tensor, path + ".weight"), .bias = {}};
    operation.weight.shape = {channels, tensor->shape[1], 1, 1};
    if (bias != nullptr) operation.bias = weights(*bias, path + ".bias");
    const graph::Weights weight = operation.weight;
    const Value out = add(path, std::move(operation), {input});
    count(weight, shape(out), in, false, false);
    return out;
}

Value Builder::upsample(const Module& module, const std::string& path, Value input) {
    const checkpoint::Value* mode = module.attribute("mode");
    if (mode == nullptr || mode->as_string() == nullptr || *mode->as_string() != "nearest") {
        fail(path, fmt::format("Upsample has mode {}, wanted 'nearest'", mode == nullptr ? "None" : mode->to_text()));
    }
    const double scale = Attributes(module, path, checkpoint_.path().string()).number("scale_factor");
    if (!(scale >= 1 && scale <= 64)) fail(path, fmt::format("Upsample has scale_factor {}", scale));
    return add(path, op::UpsampleNearest{{scale, scale}}, {input});
}

}  // namespace yolovino::nets
