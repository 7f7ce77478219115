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
    if (!is_torch(module) && module.class_name == "Detect") return detect(module, path, inputs);
    if (inputs.size() != 1) {
        fail(path, fmt::format("{} got {} inputs, wanted one", module.class_path(), inputs.size()));
    }
    const Value input = inputs.front();
    if (is_torch(module)) return torch_layer(module, path, input);
    using Block = Value (Builder::*)(const Module&, const std::string&, Value);
    static constexpr std::pair<std::string_view, Block> kBlocks[] = {{"Conv", &Builder::conv_block},
                                                                     {"DWConv", &Builder::conv_block},
                                                                     {"Bottleneck", &Builder::bottleneck},
                                                                     {"C2f", &Builder::c2f},
                                                                     {"C2", &Builder::c2},
                                                                     {"SPPF", &Builder::sppf},
                                                                     {"ConvTranspose", &Builder::transpose_block}};
    for (const auto& [name, block] : kBlocks) {
        if (name == module.class_name) return (this->*block)(module, path, input);
    }
    throw Error(ErrorCode::UnsupportedModel, "nets", fmt::format("unsupported layer {}", module.class_path()),
                {.file = checkpoint_.path().string(), .module_path = path},
                "supported are detection networks of Conv, DWConv, ConvTranspose, C2f, C2, Bottleneck, SPPF, Upsample, "
                "Concat, Detect");
}

Value Builder::torch_layer(const Module& module, const std::string& path, Value input) {
    if (module.class_name == "Sequential") return sequential(module, path, input);
    if (module.class_name == "Conv2d") return conv2d(module, nullptr, path, input);
    if (module.class_name == "ConvTranspose2d") return conv_transpose2d(module, nullptr, path, input);
    if (module.class_name == "MaxPool2d") return max_pool(module, path, input);
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
