#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

Value Builder::conv_block(const Module& module, const std::string& path, Value input) {
    // A fused file has no batch norm left; its convolution carries a bias.
    const Value out = conv2d(child(module, "conv", path), module.child("bn"), path + ".conv", input);
    return activation(child(module, "act", path), path + ".act", out);
}

Value Builder::transpose_block(const Module& module, const std::string& path, Value input) {
    const Value out =
        conv_transpose2d(child(module, "conv_transpose", path), module.child("bn"), path + ".conv_transpose", input);
    return activation(child(module, "act", path), path + ".act", out);
}

Value Builder::bottleneck(const Module& module, const std::string& path, Value input) {
    const Value hidden = layer(child(module, "cv1", path), path + ".cv1", {input});
    const Value out = layer(child(module, "cv2", path), path + ".cv2", {hidden});
    const bool shortcut = Attributes(module, path, checkpoint_.path().string()).boolean("add", false);
    return shortcut ? add(path, op::Add{}, {input, out}) : out;
}

Value Builder::split_half(const std::string& path, Value input) {
    const std::int64_t channels = network_.graph.shape(input).at(1);
    if (channels % 2 != 0) fail(path, fmt::format("cannot halve {} channels", channels));
    return add(path + ".split", op::Split{.axis = 1, .sizes = {channels / 2, channels / 2}}, {input});
}

Value Builder::c2f(const Module& module, const std::string& path, Value input) {
    const Value both = split_half(path, layer(child(module, "cv1", path), path + ".cv1", {input}));
    Values parts = {{both.node, 0}, {both.node, 1}};
    for (const auto& [name, block] : child(module, "m", path).children) {
        parts.push_back(layer(*block, fmt::format("{}.m.{}", path, name), {parts.back()}));
    }
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, parts);
    return layer(child(module, "cv2", path), path + ".cv2", {joined});
}

Value Builder::c2(const Module& module, const std::string& path, Value input) {
    const Value both = split_half(path, layer(child(module, "cv1", path), path + ".cv1", {input}));
    const Value deep = sequential(child(module, "m", path), path + ".m", {both.node, 0});
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, {deep, {both.node, 1}});
    return layer(child(module, "cv2", path), path + ".cv2", {joined});
}

Value Builder::c3(const Module& module, const std::string& path, Value input) {
    const Value first = layer(child(module, "cv1", path), path + ".cv1", {input});
    const Value deep = layer(child(module, "m", path), path + ".m", {first});
    const Value beside = layer(child(module, "cv2", path), path + ".cv2", {input});
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, {deep, beside});
    return layer(child(module, "cv3", path), path + ".cv3", {joined});
}

Value Builder::sppf(const Module& module, const std::string& path, Value input) {
    const Attributes attributes(module, path, checkpoint_.path().string());
    // Files before 8.4 have neither attribute: three pools, no shortcut.
    const std::int64_t pools = attributes.integer("n", 3);
    if (pools < 1 || pools > 16) fail(path, fmt::format("SPPF has {} pools", pools));
    Values parts = {layer(child(module, "cv1", path), path + ".cv1", {input})};
    for (std::int64_t i = 0; i < pools; ++i) {
        parts.push_back(max_pool(child(module, "m", path), fmt::format("{}.m.{}", path, i), parts.back()));
    }
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, parts);
    const Value out = layer(child(module, "cv2", path), path + ".cv2", {joined});
    return attributes.boolean("add", false) ? add(path, op::Add{}, {out, input}) : out;
}

Value Builder::proto(const Module& module, const std::string& path, Value input) {
    for (const char* part : {"cv1", "upsample", "cv2", "cv3"})
        input = layer(child(module, part, path), fmt::format("{}.{}", path, part), {input});
    return input;
}

Value Builder::concat(const Module& module, const std::string& path, const Values& inputs) {
    const std::int64_t axis = Attributes(module, path, checkpoint_.path().string()).integer("d");
    if (axis < 0 || axis > 3) fail(path, fmt::format("Concat joins along dimension {}", axis));
    return add(path, op::Concat{.axis = static_cast<int>(axis)}, inputs);
}

}  // namespace yolovino::nets
