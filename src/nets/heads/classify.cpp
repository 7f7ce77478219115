#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/heads/anchored.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

constexpr std::int64_t kStrideOfOldFiles = 32;

HeadInfo read_classify(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::CorruptFile, "nets", message, {.file = checkpoint.path().string(), .module_path = path});
    };
    const Module* linear = module.child("linear");
    const checkpoint::TensorRef* weight = linear == nullptr ? nullptr : linear->parameter("weight");
    if (weight == nullptr || weight->shape.size() != 2) fail("the head has no layer 'linear' with a weight");
    const std::int64_t classes = weight->shape[0];
    if (classes < 1 || classes > kMaxClasses)
        fail(fmt::format("the layer 'linear' gives {} classes, wanted 1 to {}", classes, kMaxClasses));
    HeadInfo head{.class_name = module.class_name,
                  .classes = classes,
                  .reg_max = 0,
                  .strides = {kStrideOfOldFiles},
                  .masks = 0,
                  .keypoints = {}};
    const checkpoint::Value* stride = checkpoint.model().attribute("stride");
    if (stride != nullptr && stride->as_tensor() != nullptr)
        head.strides = read_strides(checkpoint, *stride->as_tensor(), "model");
    return head;
}

/// `output0` [N, classes]: probabilities.
std::vector<HeadOutput> build_classify(Builder& builder, const Module& module, const std::string& path,
                                       const std::vector<Value>& inputs) {
    const HeadInfo head = read_classify(builder.checkpoint(), module, path);
    Value value = inputs.size() == 1 ? inputs.front() : builder.add(path + ".cat", op::Concat{.axis = 1}, inputs);
    for (const char* name : {"conv", "pool", "drop", "linear"}) {
        // Files of the first versions have no dropout.
        if (std::string_view(name) == "drop" && module.child(name) == nullptr) continue;
        value = builder.layer(builder.child(module, name, path), fmt::format("{}.{}", path, name), {value});
    }
    const Value logits = builder.add(path + ".logits", op::Reshape{{0, head.classes}}, {value});
    return {{builder.add(path, op::Softmax{.axis = 1}, {logits}), {"batch", "classes"}}};
}

std::optional<std::string> classify_arguments(const Module& module) {
    const Module* block = module.child("conv");
    const Module* conv = block == nullptr ? nullptr : block->child("conv");
    const Module* linear = module.child("linear");
    const auto dim = [](const Module* layer, std::size_t axis) {
        const checkpoint::TensorRef* weight = layer == nullptr ? nullptr : layer->parameter("weight");
        return weight == nullptr || weight->shape.size() <= axis ? 0 : weight->shape[axis];
    };
    return fmt::format("[{}, {}]", dim(conv, 1), dim(linear, 0));
}

}  // namespace

/// The row of the table, which declares it.
Head classify_head() {
    return {"Classify", read_classify, build_classify, classify_arguments};
}

}  // namespace yolovino::nets
