#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

namespace op = graph::op;

HeadInfo read_head(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    const std::string file = checkpoint.path().string();
    const auto fail = [&](ErrorCode code, const std::string& message) {
        throw Error(code, "nets", message, {.file = file, .module_path = path});
    };
    if (module.class_module.starts_with("models.")) {
        throw Error(ErrorCode::UnsupportedModel, "nets",
                    fmt::format("the head is {} of a repository of its own (YOLOv5, YOLOv7), wanted one of YOLOv8",
                                module.class_path()),
                    {.file = file, .module_path = path}, "train a YOLOv8 model with Ultralytics on the same data");
    }
    if (module.class_name != "Detect" || module.child("one2one_cv2") != nullptr) {
        fail(ErrorCode::UnsupportedModel,
             fmt::format("the head is {}{}, wanted a Detect with non-maximum suppression", module.class_path(),
                         module.class_name == "Detect" ? " without suppression (end2end)" : ""));
    }
    const Attributes attributes(module, path, file);
    HeadInfo head{.class_name = module.class_name,
                  .classes = attributes.integer("nc"),
                  .reg_max = attributes.integer("reg_max"),
                  .strides = {}};
    if (head.classes < 1 || head.classes > 65536) fail(ErrorCode::CorruptFile, fmt::format("nc is {}", head.classes));
    if (head.reg_max < 1 || head.reg_max > 1024)
        fail(ErrorCode::CorruptFile, fmt::format("reg_max is {}", head.reg_max));
    const std::int64_t channels = head.classes + 4 * head.reg_max;
    if (attributes.integer("no", channels) != channels) {
        fail(ErrorCode::CorruptFile, fmt::format("no is {}, wanted {} for {} classes and {} bins",
                                                 attributes.integer("no"), channels, head.classes, head.reg_max));
    }
    const checkpoint::Value* stride = module.attribute("stride");
    if (stride == nullptr || stride->as_tensor() == nullptr)
        fail(ErrorCode::CorruptFile, "the head has no tensor 'stride'");
    for (const float value : checkpoint.read_f32(*stride->as_tensor(), path + ".stride")) {
        const auto whole = static_cast<std::int64_t>(value);
        const bool power_of_two =
            value >= 1 && value <= 4096 && static_cast<float>(whole) == value && (whole & (whole - 1)) == 0;
        if (!power_of_two) fail(ErrorCode::CorruptFile, fmt::format("stride {} is not a power of two", value));
        head.strides.push_back(whole);
    }
    return head;
}

Value Builder::decode_boxes(const Module& module, const std::string& path, Value distances, const Values& maps,
                            const HeadInfo& head) {
    // distances: [N, 4 * reg_max, A]; the expected bin of each side's distribution is its distance in cells.
    Value sides = distances;
    if (head.reg_max > 1) {
        const Value bins = add(path + ".dfl.reshape", op::Reshape{{0, 4, head.reg_max, -1}}, {distances});
        const Value first = add(path + ".dfl.transpose", op::Transpose{{0, 2, 1, 3}}, {bins});
        const Value shares = add(path + ".dfl.softmax", op::Softmax{.axis = 1}, {first});
        const Value expected =
            conv2d(child(child(module, "dfl", path), "conv", path + ".dfl"), nullptr, path + ".dfl.conv", shares);
        sides = add(path + ".dfl", op::Reshape{{0, 4, -1}}, {expected});
    }
    const Value corners = add(path + ".split", op::Split{.axis = 1, .sizes = {2, 2}}, {sides});
    const Value points = add(path + ".anchors", op::AnchorPoints{}, maps);
    const Value strides = add(path + ".strides", op::AnchorStrides{head.strides}, maps);
    const Value top_left = add(path + ".x1y1", op::Subtract{}, {points, {corners.node, 0}});
    const Value bottom_right = add(path + ".x2y2", op::Add{}, {points, {corners.node, 1}});
    const Value sum = add(path + ".sum", op::Add{}, {top_left, bottom_right});
    const Value centre = add(path + ".xy", op::Scale{0.5F}, {sum});
    const Value size = add(path + ".wh", op::Subtract{}, {bottom_right, top_left});
    const Value box = add(path + ".xywh", op::Concat{.axis = 1}, {centre, size});
    return add(path + ".boxes", op::Multiply{}, {box, strides});
}

Value Builder::detect(const Module& module, const std::string& path, const Values& inputs) {
    const HeadInfo head = read_head(checkpoint_, module, path);
    const Module& boxes = child(module, "cv2", path);
    const Module& classes = child(module, "cv3", path);
    if (boxes.children.size() != inputs.size() || classes.children.size() != inputs.size() ||
        head.strides.size() != inputs.size()) {
        fail(path, fmt::format("the head has {} box and {} class branches and {} strides for {} feature maps",
                               boxes.children.size(), classes.children.size(), head.strides.size(), inputs.size()));
    }
    Values maps;
    Values box_parts;
    Values class_parts;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto& [box_name, box_branch] = boxes.children[i];
        const auto& [class_name, class_branch] = classes.children[i];
        const std::string box_path = fmt::format("{}.cv2.{}", path, box_name);
        const std::string class_path = fmt::format("{}.cv3.{}", path, class_name);
        maps.push_back(layer(*box_branch, box_path, {inputs[i]}));
        if (network_.graph.shape(maps.back()).at(1) != 4 * head.reg_max) {
            fail(box_path, fmt::format("gives {} channels, the head has 4 x {} bins",
                                       network_.graph.shape(maps.back()).at(1), head.reg_max));
        }
        box_parts.push_back(add(box_path, op::Reshape{{0, 4 * head.reg_max, -1}}, {maps.back()}));
        const Value scores = layer(*class_branch, class_path, {inputs[i]});
        if (network_.graph.shape(scores).at(1) != head.classes) {
            fail(class_path, fmt::format("gives {} channels, the head has {} classes",
                                         network_.graph.shape(scores).at(1), head.classes));
        }
        class_parts.push_back(add(class_path, op::Reshape{{0, head.classes, -1}}, {scores}));
    }
    const Value distances = add(path + ".cv2", op::Concat{.axis = 2}, box_parts);
    const Value logits = add(path + ".cv3", op::Concat{.axis = 2}, class_parts);
    const Value decoded = decode_boxes(module, path, distances, maps, head);
    const Value scores = add(path + ".sigmoid", op::Activation{.kind = op::ActivationKind::Sigmoid}, {logits});
    return add(path, op::Concat{.axis = 1}, {decoded, scores});
}

}  // namespace yolovino::nets
