#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/heads/anchored.hpp"
#include "nets/heads/branches.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

constexpr std::int64_t kMaxKeypoints = 4096;

HeadInfo read_pose(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    HeadInfo head = read_anchored(checkpoint, module, path);
    const std::string file = checkpoint.path().string();
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::CorruptFile, "nets", message, {.file = file, .module_path = path});
    };
    const Attributes attributes(module, path, file);
    const graph::Pair shape = attributes.pair("kpt_shape");
    if (shape[0] < 1 || shape[0] > kMaxKeypoints || (shape[1] != 2 && shape[1] != 3)) {
        fail(fmt::format("kpt_shape is {}, wanted 1 to {} keypoints of 2 or 3 numbers",
                         graph::to_text({shape[0], shape[1]}), kMaxKeypoints));
    }
    const std::int64_t numbers = shape[0] * shape[1];
    if (attributes.integer("nk", numbers) != numbers)
        fail(fmt::format("nk is {}, wanted {} x {}", attributes.integer("nk"), shape[0], shape[1]));
    head.keypoints = {static_cast<int>(shape[0]), static_cast<int>(shape[1])};
    return head;
}

/// x and y of keypoints in cells, from [N, points, 2, A] and the centres of the cells [1, 2, A].
using Cells = Value (*)(Builder& builder, const std::string& path, Value xy, Value centres);

/// In two cells from the corner of the anchor's own.
Value cells_of_v8(Builder& builder, const std::string& path, Value xy, Value centres) {
    const Value corners = builder.add(path + ".kpts.corners", op::Offset{-0.5F}, {centres});
    const Value origin = builder.add(path + ".kpts.origin", op::Reshape{{1, 1, 2, -1}}, {corners});
    const Value twice = builder.add(path + ".kpts.twice", op::Scale{2}, {xy});
    return builder.add(path + ".kpts.cells", op::Add{}, {twice, origin});
}

/// From the centre of the anchor's cell.
Value cells_of_v26(Builder& builder, const std::string& path, Value xy, Value centres) {
    const Value origin = builder.add(path + ".kpts.origin", op::Reshape{{1, 1, 2, -1}}, {centres});
    return builder.add(path + ".kpts.cells", op::Add{}, {xy, origin});
}

/// [N, points * numbers, anchors]: x, y in model pixels and how visible each point is, if the network says so.
Value decode_keypoints(Builder& builder, const std::string& path, const Anchored& anchored, Value raw, Cells cells_of) {
    const std::int64_t count = anchored.head.keypoints.count;
    const std::int64_t dims = anchored.head.keypoints.dims;
    // [N, points, numbers, A]
    const Value points = builder.add(path + ".kpts.reshape", op::Reshape{{0, count, dims, -1}}, {raw});
    Value xy = points;
    Value visible;
    if (dims == 3) {
        const Value parts = builder.add(path + ".kpts.split", op::Split{.axis = 2, .sizes = {2, 1}}, {points});
        xy = {parts.node, 0};
        visible =
            builder.add(path + ".kpts.sigmoid", op::Activation{.kind = op::ActivationKind::Sigmoid}, {{parts.node, 1}});
    }
    const Value cells = cells_of(builder, path, xy, anchored.points);
    const Value strides = builder.add(path + ".kpts.strides", op::Reshape{{1, 1, 1, -1}}, {anchored.strides});
    Value all = builder.add(path + ".kpts.xy", op::Multiply{}, {cells, strides});
    if (dims == 3) all = builder.add(path + ".kpts.xyv", op::Concat{.axis = 2}, {all, visible});
    return builder.add(path + ".kpts", op::Reshape{{0, count * dims, -1}}, {all});
}

/// `output0` [N, 4 + classes + points * numbers, anchors]: as of detection, then the keypoints; or finished rows.
/// @param raw the keypoints as the branch gives them
std::vector<HeadOutput> build_poses(Builder& builder, const std::string& path, const Anchored& anchored, Value raw,
                                    Cells cells_of) {
    const Value boxes = decode_boxes(builder, path, anchored);
    const Value scores = decode_scores(builder, path, anchored);
    const Value keypoints = decode_keypoints(builder, path, anchored, raw, cells_of);
    return {box_output(builder, path, {.boxes = boxes, .scores = scores, .more = {keypoints}})};
}

std::int64_t numbers_of(const HeadInfo& head) {
    return std::int64_t{head.keypoints.count} * head.keypoints.dims;
}

std::string meaning_of(const HeadInfo& head) {
    return fmt::format("{} x {} keypoint values", head.keypoints.count, head.keypoints.dims);
}

std::vector<HeadOutput> build_pose(Builder& builder, const Module& module, const std::string& path,
                                   const std::vector<Value>& inputs) {
    const HeadInfo head = read_pose(builder.checkpoint(), module, path);
    const Anchored anchored = build_anchored(builder, module, path, head, inputs);
    const Value raw = build_branch(builder, module, "cv4", path, inputs, numbers_of(head), meaning_of(head));
    build_other_branch(builder, module, path, inputs, {"cv4"});
    return build_poses(builder, path, anchored, raw, cells_of_v8);
}

/// The keypoints have a convolution of their own behind `cv4`; what training reads besides is left out.
std::vector<HeadOutput> build_pose26(Builder& builder, const Module& module, const std::string& path,
                                     const std::vector<Value>& inputs) {
    const HeadInfo head = read_pose(builder.checkpoint(), module, path);
    const Anchored anchored = build_anchored(builder, module, path, head, inputs);
    const std::string name = part_name(module, builder.form(), "cv4");
    const Module& layers = builder.child(module, name, path);
    std::vector<Value> features;
    for (const auto& [number, layer] : layers.children) {
        if (features.size() == inputs.size()) break;
        features.push_back(
            builder.layer(*layer, fmt::format("{}.{}.{}", path, name, number), {inputs[features.size()]}));
    }
    const Value raw = build_branch(builder, module, "cv4_kpts", path, features, numbers_of(head), meaning_of(head));
    build_other_branch(builder, module, path, inputs, {"cv4", "cv4_kpts"});
    return build_poses(builder, path, anchored, raw, cells_of_v26);
}

std::optional<std::string> pose_arguments(const Module& module) {
    return anchored_arguments(module, {attribute_text(module, "kpt_shape")});
}

}  // namespace

/// The rows of the table, which declares them.
Head pose_head() {
    return {"Pose", read_pose, build_pose, pose_arguments};
}
Head pose26_head() {
    return {"Pose26", read_pose, build_pose26, pose_arguments};
}

}  // namespace yolovino::nets
