#include <fmt/format.h>
#include <optional>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

constexpr op::AveragePool kSmooth{.kernel = {2, 2}, .stride = {1, 1}};

}  // namespace

Value Builder::elan(const Module& module, const std::string& path, Value input) {
    const Value both = split_half(path, layer(child(module, "cv1", path), path + ".cv1", {input}));
    Values parts = {{both.node, 0}, {both.node, 1}};
    for (const char* part : {"cv2", "cv3"})
        parts.push_back(layer(child(module, part, path), fmt::format("{}.{}", path, part), {parts.back()}));
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, parts);
    return layer(child(module, "cv4", path), path + ".cv4", {joined});
}

Value Builder::aconv(const Module& module, const std::string& path, Value input) {
    const Value smooth = add(path + ".pool", kSmooth, {input});
    return layer(child(module, "cv1", path), path + ".cv1", {smooth});
}

Value Builder::adown(const Module& module, const std::string& path, Value input) {
    const Value both = split_half(path, add(path + ".pool", kSmooth, {input}));
    const Value first = layer(child(module, "cv1", path), path + ".cv1", {{both.node, 0}});
    const Value largest =
        add(path + ".max_pool", op::MaxPool{.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}}, {{both.node, 1}});
    const Value second = layer(child(module, "cv2", path), path + ".cv2", {largest});
    return add(path + ".cat", op::Concat{.axis = 1}, {first, second});
}

Value Builder::spp_elan(const Module& module, const std::string& path, Value input) {
    Values parts = {layer(child(module, "cv1", path), path + ".cv1", {input})};
    for (const char* part : {"cv2", "cv3", "cv4"})
        parts.push_back(layer(child(module, part, path), fmt::format("{}.{}", path, part), {parts.back()}));
    const Value joined = add(path + ".cat", op::Concat{.axis = 1}, parts);
    return layer(child(module, "cv5", path), path + ".cv5", {joined});
}

Value Builder::scdown(const Module& module, const std::string& path, Value input) {
    const Value narrow = layer(child(module, "cv1", path), path + ".cv1", {input});
    return layer(child(module, "cv2", path), path + ".cv2", {narrow});
}

Value Builder::cib(const Module& module, const std::string& path, Value input) {
    const Value out = layer(child(module, "cv1", path), path + ".cv1", {input});
    const bool shortcut = Attributes(module, path, checkpoint_.path().string()).boolean("add", false);
    return shortcut ? add(path, op::Add{}, {input, out}) : out;
}

Value Builder::silence(const Module&, const std::string&, Value input) {
    return input;
}

/// A convolution whose channels are the inputs of CBFuse layers, each of which takes a part of them: the result is that
/// of a Split, unless there is one part only.
Value Builder::cb_linear(const Module& module, const std::string& path, Value input) {
    const Value all = layer(child(module, "conv", path), path + ".conv", {input});
    const std::vector<std::int64_t> sizes = Attributes(module, path, checkpoint_.path().string()).integers("c2s");
    const std::int64_t channels = shape(all).at(1);
    std::int64_t sum = 0;
    for (const std::int64_t size : sizes) {
        if (size < 1 || size > channels) corrupt(path, fmt::format("c2s has a part of {} channels", size));
        sum += size;
    }
    if (sum != channels) corrupt(path, fmt::format("c2s has {} channels of {}", sum, channels));
    return sizes.size() == 1 ? all : add(path, op::Split{.axis = 1, .sizes = sizes}, {all});
}

Value Builder::cb_fuse(const Module& module, const std::string& path, const Values& inputs) {
    const std::vector<std::int64_t> parts = Attributes(module, path, checkpoint_.path().string()).integers("idx");
    if (inputs.empty() || parts.size() + 1 != inputs.size())
        fail(path, fmt::format("CBFuse takes {} parts of {} layers", parts.size(), inputs.size()));
    const Value last = inputs.back();
    std::optional<Value> sum;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t count = network_.graph.node(inputs[i]).outputs.size();
        if (parts[i] < 0 || static_cast<std::size_t>(parts[i]) >= count)
            fail(path, fmt::format("CBFuse takes part {} of {}", parts[i], count));
        Value part = {inputs[i].node, static_cast<std::uint32_t>(parts[i])};
        if (shape(part) != shape(last) || shape(last).at(2) == graph::kDynamic)
            part = add(fmt::format("{}.resize.{}", path, i), op::ResizeLike{}, {part, last});
        sum = sum ? add(fmt::format("{}.sum.{}", path, i), op::Add{}, {*sum, part}) : part;
    }
    return sum ? add(path, op::Add{}, {*sum, last}) : last;
}

}  // namespace yolovino::nets
