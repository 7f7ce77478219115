#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/heads/anchored.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

constexpr std::int64_t kMaxMasks = 65536;

HeadInfo read_segment(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    HeadInfo head = read_anchored(checkpoint, module, path);
    const std::string file = checkpoint.path().string();
    head.masks = Attributes(module, path, file).integer("nm");
    if (head.masks < 1 || head.masks > kMaxMasks) {
        throw Error(ErrorCode::CorruptFile, "nets", fmt::format("nm is {}, wanted 1 to {}", head.masks, kMaxMasks),
                    {.file = file, .module_path = path});
    }
    return head;
}

/// What gives the prototypes of masks from the feature maps.
using Prototypes = Value (*)(Builder& builder, const Module& module, const std::string& path,
                             const std::vector<Value>& inputs);

Value prototypes_of_v8(Builder& builder, const Module& module, const std::string& path,
                       const std::vector<Value>& inputs) {
    return builder.layer(module, path, {inputs.front()});
}

/// The deeper feature maps are added to the first before; what training reads besides is left out.
Value prototypes_of_v26(Builder& builder, const Module& module, const std::string& path,
                        const std::vector<Value>& inputs) {
    const auto part = [&](const char* name, Value input) {
        return builder.layer(builder.child(module, name, path), fmt::format("{}.{}", path, name), {input});
    };
    const Module& refined = builder.child(module, "feat_refine", path);
    if (refined.children.size() + 1 != inputs.size()) {
        builder.fail(path, fmt::format("refines {} feature maps, wanted all but the first of {}",
                                       refined.children.size(), inputs.size()));
    }
    Value sum = inputs.front();
    double scale = 2;
    for (std::size_t i = 0; i + 1 < inputs.size(); ++i, scale *= 2) {
        const auto& [name, layer] = refined.children[i];
        const std::string place = fmt::format("{}.feat_refine.{}", path, name);
        const Value map = builder.layer(*layer, place, {inputs[i + 1]});
        const Value large = builder.add(place + ".upsample", op::UpsampleNearest{{scale, scale}}, {map});
        sum = builder.add(place + ".add", op::Add{}, {sum, large});
    }
    Value map = part("feat_fuse", sum);
    for (const char* name : {"cv1", "upsample", "cv2", "cv3"}) map = part(name, map);
    return map;
}

/// `output0` [N, 4 + classes + masks, anchors]: as of detection, then the coefficients, or finished rows; `output1`
/// [N, masks, H, W]: the prototypes that they weigh.
template <Prototypes kPrototypes>
std::vector<HeadOutput> build_segment(Builder& builder, const Module& module, const std::string& path,
                                      const std::vector<Value>& inputs) {
    const HeadInfo head = read_segment(builder.checkpoint(), module, path);
    const std::string meaning = fmt::format("{} mask coefficients", head.masks);
    const Anchored anchored = build_anchored(builder, module, path, head, inputs);
    const Value boxes = decode_boxes(builder, path, anchored);
    const Value scores = decode_scores(builder, path, anchored);
    const Value coefficients = build_branch(builder, module, "cv4", path, inputs, head.masks, meaning);
    build_other_branch(builder, module, path, inputs, {"cv4"});
    const Value prototypes = kPrototypes(builder, builder.child(module, "proto", path), path + ".proto", inputs);
    const std::int64_t channels = builder.shape(prototypes).at(1);
    if (channels != head.masks)
        builder.fail(path + ".proto", fmt::format("gives {} prototypes, the head has {}", channels, meaning));
    return {box_output(builder, path, {.boxes = boxes, .scores = scores, .more = {coefficients}}),
            {prototypes, {"batch", "masks", "mask_height", "mask_width"}}};
}

std::optional<std::string> segment_arguments(const Module& module) {
    return anchored_arguments(module, {attribute_text(module, "nm"), attribute_text(module, "npr")});
}

}  // namespace

/// The rows of the table, which declares them.
Head segment_head() {
    return {"Segment", read_segment, build_segment<prototypes_of_v8>, segment_arguments};
}
Head segment26_head() {
    return {"Segment26", read_segment, build_segment<prototypes_of_v26>, segment_arguments};
}

}  // namespace yolovino::nets
