#include <fmt/format.h>
#include <numbers>

#include "base/fail.hpp"
#include "nets/heads/anchored.hpp"

namespace yolovino::nets {

namespace op = graph::op;

namespace {

HeadInfo read_obb(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    const std::string file = checkpoint.path().string();
    const std::int64_t angles = Attributes(module, path, file).integer("ne", 1);
    if (angles != 1) {
        throw Error(ErrorCode::UnsupportedModel, "nets", fmt::format("ne is {}, wanted 1 angle for a box", angles),
                    {.file = file, .module_path = path});
    }
    return read_anchored(checkpoint, module, path);
}

/// Radians from -π/4 to 3π/4, [N, 1, anchors].
Value decode_angle(Builder& builder, const std::string& path, Value raw) {
    const Value share =
        builder.add(path + ".angle.sigmoid", op::Activation{.kind = op::ActivationKind::Sigmoid}, {raw});
    const Value centred = builder.add(path + ".angle.centred", op::Offset{-0.25F}, {share});
    return builder.add(path + ".angle", op::Scale{std::numbers::pi_v<float>}, {centred});
}

/// [N, 4, anchors]: centre, width, and height in model pixels; the distances are along the sides of the turned box.
Value decode_rotated(Builder& builder, const std::string& path, const Anchored& anchored, Value angle) {
    const auto add = [&](const char* name, graph::Operation operation, std::vector<Value> inputs) {
        return builder.add(path + name, std::move(operation), std::move(inputs));
    };
    const Value cosine = add(".cos", op::Cosine{}, {angle});
    const Value sine = add(".sin", op::Sine{}, {angle});
    const Value twice = add(".twice", op::Subtract{}, {anchored.far, anchored.near});
    const Value offset = add(".offset", op::Scale{0.5F}, {twice});
    const Value parts = add(".offset.split", op::Split{.axis = 1, .sizes = {1, 1}}, {offset});
    const Value along_x = {parts.node, 0};
    const Value along_y = {parts.node, 1};
    const auto product = [&](const char* name, Value a, Value b) { return add(name, op::Multiply{}, {a, b}); };
    const Value x = add(".x", op::Subtract{}, {product(".x.cos", along_x, cosine), product(".y.sin", along_y, sine)});
    const Value y = add(".y", op::Add{}, {product(".x.sin", along_x, sine), product(".y.cos", along_y, cosine)});
    const Value turned = add(".turned", op::Concat{.axis = 1}, {x, y});
    const Value centre = add(".xy", op::Add{}, {turned, anchored.points});
    const Value size = add(".wh", op::Add{}, {anchored.near, anchored.far});
    const Value box = add(".xywh", op::Concat{.axis = 1}, {centre, size});
    return add(".boxes", op::Multiply{}, {box, anchored.strides});
}

/// `output0` [N, 4 + classes + 1, anchors]: cx, cy, w, h in model pixels, the class scores, the angle in radians; or
/// finished rows, whose boxes are the same four numbers. The angle of YOLO26 is what its branch gives.
template <bool kDecoded>
std::vector<HeadOutput> build_obb(Builder& builder, const Module& module, const std::string& path,
                                  const std::vector<Value>& inputs) {
    const HeadInfo head = read_obb(builder.checkpoint(), module, path);
    const Anchored anchored = build_anchored(builder, module, path, head, inputs);
    const Value raw = build_branch(builder, module, "cv4", path, inputs, 1, "1 angle");
    build_other_branch(builder, module, path, inputs, {"cv4"});
    const Value angle = kDecoded ? raw : decode_angle(builder, path, raw);
    const Value boxes = decode_rotated(builder, path, anchored, angle);
    const Value scores = decode_scores(builder, path, anchored);
    return {box_output(builder, path, {.boxes = boxes, .scores = scores, .more = {angle}, .rotated = true})};
}

std::optional<std::string> obb_arguments(const Module& module) {
    return anchored_arguments(module, {attribute_text(module, "ne")});
}

}  // namespace

/// The rows of the table, which declares them.
Head obb_head() {
    return {"OBB", read_obb, build_obb<false>, obb_arguments};
}
Head obb26_head() {
    return {"OBB26", read_obb, build_obb<true>, obb_arguments};
}

}  // namespace yolovino::nets
