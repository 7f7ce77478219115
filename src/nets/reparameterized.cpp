#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

/// Adds a smaller kernel in the middle of a larger one, [out, in / groups, height, width].
void add_centred(std::vector<float>& large, const graph::Shape& shape, const std::vector<float>& small,
                 const graph::Shape& small_shape) {
    const auto [height, width] = std::pair(small_shape[2], small_shape[3]);
    const std::int64_t top = (shape[2] - height) / 2;
    const std::int64_t left = (shape[3] - width) / 2;
    for (std::int64_t kernel = 0; kernel < shape[0] * shape[1]; ++kernel) {
        for (std::int64_t y = 0; y < height; ++y) {
            for (std::int64_t x = 0; x < width; ++x) {
                const std::int64_t to = (kernel * shape[2] + top + y) * shape[3] + left + x;
                large[static_cast<std::size_t>(to)] +=
                    small[static_cast<std::size_t>((kernel * height + y) * width + x)];
            }
        }
    }
}

/// Adds a kernel and its bias to a larger one; does nothing in graphs without weights.
void add_kernel(graph::Weights& large, graph::Weights& large_bias, const graph::Weights& small,
                const graph::Weights& small_bias) {
    if (!large.data) return;
    auto weight = std::make_shared<std::vector<float>>(*large.data);
    add_centred(*weight, large.shape, *small.data, small.shape);
    auto bias = std::make_shared<std::vector<float>>(*large_bias.data);
    for (std::size_t i = 0; i < bias->size(); ++i) (*bias)[i] += (*small_bias.data)[i];
    large.data = std::move(weight);
    large_bias.data = std::move(bias);
}

}  // namespace

Value Builder::rep_conv(const Module& module, const std::string& path, Value input) {
    const Module* merged = module.child("conv");  // in files that were saved after fusing
    const Value out = merged != nullptr ? conv2d(*merged, nullptr, path + ".conv", input)
                                        : merged_conv({&child(module, "conv1", path), &child(module, "conv2", path),
                                                       module.child("bn"), Rounding::Division},
                                                      path, input);
    return activation(child(module, "act", path), path + ".act", out);
}

Value Builder::rep_vgg_dw(const Module& module, const std::string& path, Value input) {
    const Module& large = child(module, "conv", path);
    const Module* small = module.child("conv1");
    const Value out = small == nullptr ? layer(large, path + ".conv", {input})
                                       : merged_conv({&large, small, nullptr, Rounding::Reciprocal}, path, input);
    return activation(child(module, "act", path), path + ".act", out);
}

/// Two convolutions of one input whose results are added, and the input itself behind a batch norm if there is one, as
/// a single convolution.
Value Builder::merged_conv(const Branches& branches, const std::string& path, Value input) {
    const Module& large = child(*branches.large, "conv", path);
    const Attributes attributes(large, path, checkpoint_.path().string());
    op::Conv2d operation{.weight = {},
                         .bias = {},
                         .stride = attributes.pair("stride"),
                         .pad = attributes.pair("padding"),
                         .dilation = attributes.pair("dilation"),
                         .groups = attributes.integer("groups")};
    const auto [place, fresh] = folded_.try_emplace({branches.large, branches.identity});
    if (fresh) {
        Folded& all = place->second;
        all = folded_branch(*branches.large, path, branches.rounding);
        const Folded less = folded_branch(*branches.small, path, branches.rounding);
        expect_fit(branches, path, all.weight.shape, less.weight.shape);
        add_kernel(all.weight, all.bias, less.weight, less.bias);
        if (branches.identity != nullptr) add_identity(*branches.identity, path, operation, all);
    }
    const graph::Weights weight = place->second.weight;
    operation.weight = weight;
    operation.bias = place->second.bias;
    const Value out = add(path + ".conv", std::move(operation), {input});
    count(weight, shape(out), shape(input), false, false);
    const graph::Shape& less = child(*branches.small, "conv", path).parameter("weight")->shape;
    const std::uint64_t elements = graph::element_count(shape(out));
    network_.cost.norm_elements += (branches.identity != nullptr ? 3 : 2) * elements;
    network_.cost.merged_macs += elements * static_cast<std::uint64_t>(less[1] * less[2] * less[3]);
    return out;
}

Builder::Folded Builder::folded_branch(const Module& block, const std::string& path, Rounding rounding) {
    const Module& conv = child(block, "conv", path);
    const checkpoint::TensorRef* weight = conv.parameter("weight");
    if (weight == nullptr) corrupt(path, "a branch has no weight");
    check_weight(conv, *weight, path, false);
    Folded branch{weights(*weight, path + ".weight"), {}};
    if (const checkpoint::TensorRef* bias = conv.parameter("bias")) branch.bias = weights(*bias, path + ".bias");
    fold(branch.weight, branch.bias, child(block, "bn", path), path, false, rounding);
    return branch;
}

/// The smaller kernel must see the middle of what the larger one sees.
void Builder::expect_fit(const Branches& branches, const std::string& path, const graph::Shape& large,
                         const graph::Shape& small) const {
    const std::string file = checkpoint_.path().string();
    const Attributes a(child(*branches.large, "conv", path), path, file);
    const Attributes b(child(*branches.small, "conv", path), path, file);
    const graph::Pair ones = {1, 1};
    bool fit = a.pair("stride") == b.pair("stride") && a.integer("groups") == b.integer("groups") &&
               a.pair("dilation") == ones && b.pair("dilation") == ones && large[0] == small[0] && large[1] == small[1];
    for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t border = large[i + 2] - small[i + 2];
        fit = fit && border >= 0 && border % 2 == 0 && a.pair("padding")[i] - b.pair("padding")[i] == border / 2;
    }
    if (!fit)
        fail(path,
             fmt::format("the branches {} and {} do not fit each other", graph::to_text(large), graph::to_text(small)));
}

/// A batch norm of the input is a convolution, too: with the kernel of the identity.
void Builder::add_identity(const Module& norm, const std::string& path, const op::Conv2d& operation, Folded& all) {
    const graph::Shape& shape = all.weight.shape;
    const std::int64_t inputs = shape[1] * operation.groups;
    if (inputs != shape[0] || shape[2] % 2 == 0 || shape[3] % 2 == 0 || operation.stride != graph::Pair{1, 1})
        fail(path, fmt::format("the identity of {} channels does not fit {}", inputs, graph::to_text(shape)));
    Folded identity{{{shape[0], shape[1], 1, 1}, nullptr}, {}};
    if (read_weights_) {
        auto ones = std::make_shared<std::vector<float>>(static_cast<std::size_t>(shape[0] * shape[1]));
        for (std::int64_t c = 0; c < shape[0]; ++c) (*ones)[static_cast<std::size_t>(c * shape[1] + c % shape[1])] = 1;
        identity.weight.data = ones;
    }
    fold(identity.weight, identity.bias, norm, path + ".bn", false, Rounding::Division);
    add_kernel(all.weight, all.bias, identity.weight, identity.bias);
}

}  // namespace yolovino::nets
