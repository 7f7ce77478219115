#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/forge_pickle.hpp"
#include "support/forge_zip.hpp"

namespace yolovino::test::forge {

/// Gives a member of a list of attributes another value; none takes it out.
inline void set(Pairs& attributes, const std::string& name, const std::optional<std::string>& value) {
    const auto found = std::ranges::find(attributes, name, &Pairs::value_type::first);
    if (found == attributes.end()) {
        if (value) attributes.emplace_back(name, *value);
    } else if (value) {
        found->second = *value;
    } else {
        attributes.erase(found);
    }
}

/// A checkpoint of one convolution block, what is put behind it, and a head of one feature map: small enough that a
/// test can make any part of it wrong. As it stands it is right: 3 x 64 x 64 in, [6, 64] out.
struct TinyNetwork {
    Pairs conv = {{"in_channels", integer(3)}, {"out_channels", integer(4)},   {"kernel_size", counts({3, 3})},
                  {"stride", counts({8, 8})},  {"padding", counts({1, 1})},    {"dilation", counts({1, 1})},
                  {"groups", integer(1)},      {"padding_mode", text("zeros")}};
    std::vector<int> weight_shape = {4, 3, 3, 3};
    float weight_value = 0.1F;
    std::optional<std::vector<float>> bias;
    std::optional<std::vector<float>> gamma = std::vector<float>(4, 1.0F);
    std::vector<float> beta = std::vector<float>(4, 0.0F);
    std::vector<float> mean = std::vector<float>(4, 0.0F);
    std::vector<float> variance = std::vector<float>(4, 1.0F);
    std::optional<std::string> eps = real(1e-3);
    std::string first_from = integer(-1);  ///< where the block takes its input from
    std::string activation = module("torch.nn.modules.activation", "SiLU");
    std::vector<std::pair<std::string, ModuleParts>> layers;  ///< class of torch.nn or Ultralytics, with its parts
    int head_channels = 4;                                    ///< what the head's convolutions take
    int box_channels = 4;
    int class_channels = 2;
    Pairs head = {{"nc", integer(2)}, {"reg_max", integer(1)}, {"no", integer(6)}};
    std::vector<float> strides = {8};
    std::string head_class = "Detect";
    std::function<void(TinyNetwork&, ModuleParts&)> change_head;  ///< makes another head of the parts of Detect
    std::optional<std::string> names = list({text("cat"), text("dog")});

    std::string tensor_of(const std::vector<int>& shape, const std::vector<float>& values) {
        std::string bytes;
        for (const float value : values) bytes += little(value);
        std::vector<int> steps(shape.size(), 1);
        for (std::size_t i = shape.size(); i-- > 1;) steps[i - 1] = steps[i] * shape[i];
        storages_.push_back(bytes);
        return tensor(storage(std::to_string(storages_.size() - 1), "FloatStorage", static_cast<int>(values.size())),
                      shape, steps);
    }
    std::string weight_of(const std::vector<int>& shape) {
        std::size_t count = 1;
        for (const int side : shape) count *= static_cast<std::size_t>(side);
        return tensor_of(shape, std::vector<float>(count, weight_value));
    }
    std::string vector_of(const std::vector<float>& values) {
        return tensor_of({static_cast<int>(values.size())}, values);
    }

    /// A file of the network as it is usually saved.
    std::string bytes() {
        const std::string value = model();
        return archive(pickle(named({{"model", value}})), storages_).bytes();
    }
    /// The pickle of the network alone; its storages follow from it.
    std::string model() {
        storages_.clear();
        Pairs children{{"0", block()}};
        for (auto [class_path, parts] : layers) {
            set(parts.attributes, "f", integer(-1));
            const std::size_t dot = class_path.rfind('.');
            children.emplace_back(std::to_string(children.size()),
                                  module(class_path.substr(0, dot), class_path.substr(dot + 1), parts));
        }
        children.emplace_back(std::to_string(children.size()), detect());
        ModuleParts model{
            .children = {{"model", module("torch.nn.modules.container", "Sequential", {.children = children})}}};
        if (names) model.attributes.emplace_back("names", *names);
        return detection_model(model);
    }
    const std::vector<std::string>& storages() const { return storages_; }

private:
    std::string block() {
        ModuleParts conv_parts{.parameters = {{"weight", weight_of(weight_shape)}, {"bias", none()}},
                               .attributes = conv};
        if (bias) conv_parts.parameters[1].second = vector_of(*bias);
        ModuleParts norm{.parameters = {{"weight", gamma ? vector_of(*gamma) : none()}, {"bias", vector_of(beta)}},
                         .buffers = {{"running_mean", vector_of(mean)}, {"running_var", vector_of(variance)}}};
        if (eps) norm.attributes.emplace_back("eps", *eps);
        return module("ultralytics.nn.modules.conv", "Conv",
                      {.children = {{"conv", module("torch.nn.modules.conv", "Conv2d", conv_parts)},
                                    {"bn", module("torch.nn.modules.batchnorm", "BatchNorm2d", norm)},
                                    {"act", activation}},
                       .attributes = {{"f", first_from}}});
    }

public:
    /// A list of one convolution of the head, for its one feature map.
    std::string branch(int out) {
        const ModuleParts parts{
            .parameters = {{"weight", weight_of({out, head_channels, 1, 1})}, {"bias", none()}},
            .attributes = {
                {"stride", integer(1)}, {"padding", integer(0)}, {"dilation", integer(1)}, {"groups", integer(1)}}};
        const std::string conv2d = module("torch.nn.modules.conv", "Conv2d", parts);
        const std::string row = module("torch.nn.modules.container", "Sequential", {.children = {{"0", conv2d}}});
        return module("torch.nn.modules.container", "ModuleList", {.children = {{"0", row}}});
    }
    /// A block of one convolution without a batch norm, as fused files have it.
    std::string conv_block(int in, int out) {
        const ModuleParts parts{
            .parameters = {{"weight", weight_of({out, in, 1, 1})}, {"bias", none()}},
            .attributes = {
                {"stride", integer(1)}, {"padding", integer(0)}, {"dilation", integer(1)}, {"groups", integer(1)}}};
        return module("ultralytics.nn.modules.conv", "Conv",
                      {.children = {{"conv", module("torch.nn.modules.conv", "Conv2d", parts)}, {"act", activation}}});
    }

private:
    std::string detect() {
        ModuleParts parts{.children = {{"cv2", branch(box_channels)}, {"cv3", branch(class_channels)}},
                          .attributes = head};
        parts.attributes.emplace_back("stride", vector_of(strides));
        parts.attributes.emplace_back("f", list({integer(-1)}));
        if (change_head) change_head(*this, parts);
        return module("ultralytics.nn.modules.head", head_class, parts);
    }

    std::vector<std::string> storages_;
};

}  // namespace yolovino::test::forge
