#include "engine/model/layer_arguments.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "nets/network.hpp"

namespace yolovino::engine {

namespace {

using checkpoint::Module;
using checkpoint::Value;

std::int64_t side_of(const Module* module, std::size_t axis) {
    const checkpoint::TensorRef* weight = module == nullptr ? nullptr : module->parameter("weight");
    return weight == nullptr || weight->shape.size() <= axis ? 0 : weight->shape[axis];
}

const Module* conv_of(const Module* block) {
    if (block == nullptr) return nullptr;
    return block->child("conv") != nullptr ? block->child("conv") : block;
}

std::int64_t in_of(const Module* block) {
    return side_of(conv_of(block), 1);
}
std::int64_t out_of(const Module* block) {
    return side_of(conv_of(block), 0);
}

std::string truth(bool value) {
    return value ? "True" : "False";
}
bool is_true(const Value* value) {
    return value != nullptr && value->as_bool().value_or(false);
}

/// The first of the blocks inside, and how many there are.
std::pair<const Module*, std::size_t> blocks_of(const Module& layer) {
    const Module* blocks = layer.child("m");
    const std::size_t count = blocks == nullptr ? 0 : blocks->children.size();
    return {count == 0 ? nullptr : blocks->children.front().second.get(), count};
}

std::string of_conv(const Module& layer) {
    const Value* stride = conv_of(&layer)->attribute("stride");
    const std::string step = stride != nullptr && stride->as_list() != nullptr && !stride->as_list()->empty()
                                 ? stride->as_list()->front().to_text()
                                 : text_of(stride);
    const std::int64_t kernel = side_of(conv_of(&layer), 2);
    const Value* padding = conv_of(&layer)->attribute("padding");
    const bool listed = padding != nullptr && padding->as_list() != nullptr && !padding->as_list()->empty();
    const std::string pad = listed ? padding->as_list()->front().to_text() : text_of(padding);
    // Padding that keeps the size is the default.
    return fmt::format("[{}, {}, {}, {}{}]", in_of(&layer), out_of(&layer), kernel, step,
                       pad == std::to_string(kernel / 2) ? "" : ", " + pad);
}

/// C2f and its kind, whose blocks say whether they add their input.
std::string of_c2f(const Module& layer) {
    const auto [first, count] = blocks_of(layer);
    const bool large = layer.class_name == "C2fCIB" && first != nullptr && first->child("cv1") != nullptr &&
                       first->child("cv1")->children.size() > 2 &&
                       first->child("cv1")->children[2].second->class_name == "RepVGGDW";
    return fmt::format("[{}, {}, {}, {}{}]", in_of(layer.child("cv1")), out_of(layer.child("cv2")), count,
                       truth(first != nullptr && is_true(first->attribute("add"))), large ? ", True" : "");
}

/// The last arguments are listed only where they are not their defaults.
std::string of_c3k2(const Module& layer) {
    const auto [first, count] = blocks_of(layer);
    const std::int64_t out = out_of(layer.child("cv2"));
    const double share = out == 0 ? 0 : static_cast<double>(out_of(layer.child("cv1"))) / 2 / static_cast<double>(out);
    const bool attention = first != nullptr && first->class_name == "Sequential";
    const bool deep = attention || (first != nullptr && first->class_name == "C3k");
    const std::string more = attention ? fmt::format(", {}, True", share) : fmt::format(", {}", share);
    return fmt::format("[{}, {}, {}, {}{}]", in_of(layer.child("cv1")), out, count, truth(deep),
                       attention || share != 0.5 ? more : "");
}

std::string of_c3(const Module& layer) {
    const auto [first, count] = blocks_of(layer);
    const bool shortcut = first == nullptr || is_true(first->attribute("add"));
    return fmt::format("[{}, {}, {}{}]", in_of(layer.child("cv1")), out_of(layer.child("cv3")), count,
                       shortcut ? "" : ", False");
}

std::string of_a2c2f(const Module& layer) {
    const auto [first, count] = blocks_of(layer);
    const bool attends = first != nullptr && first->class_name == "Sequential" && !first->children.empty();
    const Module* block = attends ? first->children.front().second.get() : nullptr;
    const Module* attention = block == nullptr ? nullptr : block->child("attn");
    const std::string area = attention == nullptr ? "-1" : text_of(attention->attribute("area"));
    std::string more;
    if (const Module* mlp = block == nullptr ? nullptr : block->child("mlp");
        layer.parameter("gamma") != nullptr && mlp != nullptr && !mlp->children.empty()) {
        const Module* wide = mlp->children.front().second.get();
        const double ratio =
            static_cast<double>(out_of(wide)) / static_cast<double>(std::max<std::int64_t>(in_of(wide), 1));
        more = fmt::format(", True, {}", std::round(ratio * 10) / 10);
    }
    return fmt::format("[{}, {}, {}, {}, {}{}]", in_of(layer.child("cv1")), out_of(layer.child("cv2")), count,
                       truth(attends), area, more);
}

/// RepNCSPELAN4 and ELAN1: the widths of the two halves and of each branch, and what each branch repeats.
std::string of_elan(const Module& layer) {
    const Module* branch = layer.child("cv2");
    const Module* csp =
        branch != nullptr && !branch->children.empty() ? branch->children.front().second.get() : nullptr;
    const std::int64_t both = out_of(layer.child("cv1"));
    const std::string ends = fmt::format("{}, {}, {}", in_of(layer.child("cv1")), out_of(layer.child("cv4")), both);
    if (csp == nullptr || csp->child("cv3") == nullptr) return fmt::format("[{}, {}]", ends, out_of(branch));
    return fmt::format("[{}, {}, {}]", ends, out_of(csp->child("cv3")), blocks_of(*csp).second);
}

std::string of_sppf(const Module& layer) {
    const Module* pool = layer.child("m");
    const bool shortcut = is_true(layer.attribute("add"));
    return fmt::format("[{}, {}, {}{}]", in_of(layer.child("cv1")), out_of(layer.child("cv2")),
                       pool == nullptr ? "" : text_of(pool->attribute("kernel_size")),
                       shortcut ? fmt::format(", {}, True", text_of(layer.attribute("n"))) : "");
}

std::string of_scdown(const Module& layer) {
    const Module* down = layer.child("cv2");
    const Value* stride = down == nullptr ? nullptr : conv_of(down)->attribute("stride");
    const bool listed = stride != nullptr && stride->as_list() != nullptr && !stride->as_list()->empty();
    return fmt::format("[{}, {}, {}, {}]", in_of(layer.child("cv1")), out_of(down), side_of(conv_of(down), 2),
                       listed ? stride->as_list()->front().to_text() : "");
}

std::string of_adown(const Module& layer) {
    const Module* second = layer.child("cv2");
    const std::int64_t parts = second == nullptr ? 1 : 2;
    return fmt::format("[{}, {}]", parts * in_of(layer.child("cv1")), out_of(layer.child("cv1")) + out_of(second));
}

}  // namespace

std::string text_of(const Value* value) {
    return value == nullptr || value->is_none() || value->unreadable() != nullptr ? std::string() : value->to_text();
}

std::string layer_arguments(const Module& layer) {
    using Arguments = std::string (*)(const Module&);
    static constexpr std::pair<std::string_view, Arguments> kArguments[] = {
        {"Conv", of_conv},
        {"DWConv", of_conv},
        {"C2f", of_c2f},
        {"C2", of_c2f},
        {"C2fCIB", of_c2f},
        {"C3k2", of_c3k2},
        {"C3", of_c3},
        {"A2C2f", of_a2c2f},
        {"RepNCSPELAN4", of_elan},
        {"ELAN1", of_elan},
        {"AConv", of_adown},
        {"ADown", of_adown},
        {"SCDown", of_scdown},
        {"SPPF", of_sppf},
        {"SPPELAN",
         [](const Module& spp) {
             return fmt::format("[{}, {}, {}]", in_of(spp.child("cv1")), out_of(spp.child("cv5")),
                                out_of(spp.child("cv1")));
         }},
        {"C2PSA",
         [](const Module& psa) {
             return fmt::format("[{}, {}, {}]", in_of(psa.child("cv1")), out_of(psa.child("cv2")),
                                blocks_of(psa).second);
         }},
        {"PSA",
         [](const Module& psa) { return fmt::format("[{}, {}]", in_of(psa.child("cv1")), out_of(psa.child("cv2"))); }},
        {"CBLinear",
         [](const Module& linear) {
             return fmt::format("[{}, {}]", in_of(&linear), text_of(linear.attribute("c2s")));
         }},
        {"CBFuse", [](const Module& fuse) { return fmt::format("[{}]", text_of(fuse.attribute("idx"))); }},
        {"Concat", [](const Module& concat) { return fmt::format("[{}]", text_of(concat.attribute("d"))); }},
        {"Upsample", [](const Module& upsample) {
             return fmt::format("[None, {}, '{}']", text_of(upsample.attribute("scale_factor")),
                                text_of(upsample.attribute("mode")));
         }}};
    for (const auto& [name, arguments] : kArguments) {
        if (name == layer.class_name) return arguments(layer);
    }
    return nets::head_arguments(layer).value_or("[]");
}

}  // namespace yolovino::engine
