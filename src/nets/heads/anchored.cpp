#include "nets/heads/anchored.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/fail.hpp"
#include "nets/heads/branches.hpp"

namespace yolovino::nets {

namespace op = graph::op;

std::vector<std::int64_t> read_strides(const checkpoint::Checkpoint& checkpoint, const checkpoint::TensorRef& tensor,
                                       const std::string& path) {
    std::vector<std::int64_t> strides;
    for (const float value : checkpoint.read_f32(tensor, path + ".stride")) {
        const bool in_range = value >= 1 && value <= 4096;
        const std::int64_t whole = in_range ? static_cast<std::int64_t>(value) : 0;
        if (!in_range || static_cast<float>(whole) != value || (whole & (whole - 1)) != 0) {
            throw Error(ErrorCode::CorruptFile, "nets", fmt::format("stride {} is not a power of two", value),
                        {.file = checkpoint.path().string(), .module_path = path});
        }
        strides.push_back(whole);
    }
    return strides;
}

HeadInfo read_anchored(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    const std::string file = checkpoint.path().string();
    const auto fail = [&](ErrorCode code, const std::string& message) {
        throw Error(code, "nets", message, {.file = file, .module_path = path});
    };
    const Attributes attributes(module, path, file);
    HeadInfo head{.class_name = module.class_name,
                  .classes = attributes.integer("nc"),
                  .reg_max = attributes.integer("reg_max"),
                  .strides = {},
                  .masks = 0,
                  .keypoints = {},
                  .one_to_many = module.child("cv2") != nullptr,
                  .one_to_one = module.child("one2one_cv2") != nullptr};
    if (!head.one_to_many && !head.one_to_one)
        fail(ErrorCode::CorruptFile, fmt::format("{} has neither 'cv2' nor 'one2one_cv2'", module.class_path()));
    if (head.classes < 1 || head.classes > kMaxClasses)
        fail(ErrorCode::CorruptFile, fmt::format("nc is {}", head.classes));
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
    head.strides = read_strides(checkpoint, *stride->as_tensor(), path);
    return head;
}

Branch::Branch(Builder& builder, const Module& head, std::string_view name, std::string path, std::int64_t channels,
               std::string meaning)
    : builder_(builder),
      layers_(builder.child(head, name, path)),
      path_(fmt::format("{}.{}", path, name)),
      channels_(channels),
      meaning_(std::move(meaning)) {}

std::size_t Branch::size() const {
    return layers_.children.size();
}

void Branch::add(Value map) {
    const auto& [name, layer] = layers_.children.at(maps_.size());
    const std::string path = fmt::format("{}.{}", path_, name);
    const Value result = builder_.layer(*layer, path, {map});
    const std::int64_t channels = builder_.shape(result).at(1);
    if (channels != channels_)
        builder_.fail(path, fmt::format("gives {} channels, the head has {}", channels, meaning_));
    maps_.push_back(result);
    // A branch may be a convolution alone, which has the name already.
    const bool named = layer->class_name == "Conv2d";
    flat_.push_back(builder_.add(named ? path + ".flat" : path, op::Reshape{{0, channels_, -1}}, {result}));
}

Value Branch::join() {
    return builder_.add(path_, op::Concat{.axis = 2}, flat_);
}

Value build_branch(Builder& builder, const Module& head, std::string_view name, const std::string& path,
                   const std::vector<Value>& inputs, std::int64_t channels, std::string meaning) {
    Branch branch(builder, head, part_name(head, builder.form(), name), path, channels, std::move(meaning));
    if (branch.size() != inputs.size()) {
        builder.fail(path, fmt::format("the head has {} branches in {} for {} feature maps", branch.size(), name,
                                       inputs.size()));
    }
    for (const Value& input : inputs) branch.add(input);
    return branch.join();
}

Anchored build_anchored(Builder& builder, const Module& module, const std::string& path, const HeadInfo& head,
                        const std::vector<Value>& inputs) {
    const HeadForm& form = builder.form();
    Branch boxes(builder, module, part_name(module, form, "cv2"), path, 4 * head.reg_max,
                 fmt::format("4 x {} bins", head.reg_max));
    Branch classes(builder, module, part_name(module, form, "cv3"), path, head.classes,
                   fmt::format("{} classes", head.classes));
    if (boxes.size() != inputs.size() || classes.size() != inputs.size() || head.strides.size() != inputs.size()) {
        builder.fail(path, fmt::format("the head has {} box and {} class branches and {} strides for {} feature maps",
                                       boxes.size(), classes.size(), head.strides.size(), inputs.size()));
    }
    for (const Value& input : inputs) {
        boxes.add(input);
        classes.add(input);
    }
    build_other_branch(builder, module, path, inputs, {"cv2"});
    build_other_branch(builder, module, path, inputs, {"cv3"});
    // [N, 4 * reg_max, A]; the expected bin of each side's distribution is its distance in cells.
    Value sides = boxes.join();
    Anchored out{.head = head, .near = {}, .far = {}, .points = {}, .strides = {}, .logits = classes.join()};
    if (head.reg_max > 1) {
        const Value bins = builder.add(path + ".dfl.reshape", op::Reshape{{0, 4, head.reg_max, -1}}, {sides});
        const Value first = builder.add(path + ".dfl.transpose", op::Transpose{{0, 2, 1, 3}}, {bins});
        const Value shares = builder.add(path + ".dfl.softmax", op::Softmax{.axis = 1}, {first});
        const Value expected = builder.conv2d(builder.child(builder.child(module, "dfl", path), "conv", path + ".dfl"),
                                              nullptr, path + ".dfl.conv", shares);
        sides = builder.add(path + ".dfl", op::Reshape{{0, 4, -1}}, {expected});
    }
    const Value corners = builder.add(path + ".split", op::Split{.axis = 1, .sizes = {2, 2}}, {sides});
    out.near = {corners.node, 0};
    out.far = {corners.node, 1};
    out.points = builder.add(path + ".anchors", op::AnchorPoints{}, boxes.maps());
    out.strides = builder.add(path + ".strides", op::AnchorStrides{head.strides}, boxes.maps());
    return out;
}

Value decode_boxes(Builder& builder, const std::string& path, const Anchored& anchored) {
    const Value top_left = builder.add(path + ".x1y1", op::Subtract{}, {anchored.points, anchored.near});
    const Value bottom_right = builder.add(path + ".x2y2", op::Add{}, {anchored.points, anchored.far});
    if (builder.form().finished()) {
        const Value corners = builder.add(path + ".xyxy", op::Concat{.axis = 1}, {top_left, bottom_right});
        return builder.add(path + ".boxes", op::Multiply{}, {corners, anchored.strides});
    }
    const Value sum = builder.add(path + ".sum", op::Add{}, {top_left, bottom_right});
    const Value centre = builder.add(path + ".xy", op::Scale{0.5F}, {sum});
    const Value size = builder.add(path + ".wh", op::Subtract{}, {bottom_right, top_left});
    const Value box = builder.add(path + ".xywh", op::Concat{.axis = 1}, {centre, size});
    return builder.add(path + ".boxes", op::Multiply{}, {box, anchored.strides});
}

Value decode_scores(Builder& builder, const std::string& path, const Anchored& anchored) {
    return builder.add(path + ".sigmoid", op::Activation{.kind = op::ActivationKind::Sigmoid}, {anchored.logits});
}

HeadOutput box_output(Builder& builder, const std::string& path, const BoxValues& values) {
    const HeadForm& form = builder.form();
    if (!form.finished()) {
        std::vector<Value> rows = {values.boxes, values.scores};
        rows.insert(rows.end(), values.more.begin(), values.more.end());
        return {builder.add(path, op::Concat{.axis = 1}, rows), {"batch", "rows", "anchors"}};
    }
    std::vector<Value> inputs = {values.boxes, values.scores, builder.images()};
    inputs.insert(inputs.end(), values.more.begin(), values.more.end());
    if (form.rows == HeadForm::Rows::Top)
        return {builder.add(path, op::TopRows{.most = form.most, .agnostic = form.agnostic}, inputs), {"batch"}};
    return {builder.add(path,
                        op::SuppressedRows{.most = form.most,
                                           .conf = form.conf,
                                           .iou = form.iou,
                                           .agnostic = form.agnostic,
                                           .rotated = values.rotated},
                        inputs),
            {"batch"}};
}

void build_other_branch(Builder& builder, const Module& module, const std::string& path,
                        const std::vector<Value>& inputs, const std::vector<std::string_view>& parts) {
    if (!builder.form().all_parts || module.child("cv2") == nullptr || module.child("one2one_cv2") == nullptr) return;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Value features = inputs[i];
        for (const std::string_view part : parts) {
            const std::string name = std::string(kOneToOne).append(part);
            const Module& layers = builder.child(module, name, path);
            const std::string place = fmt::format("{}.{}", path, name);
            if (i >= layers.children.size()) builder.fail(place, "has fewer layers than there are feature maps");
            const auto& [number, layer] = layers.children[i];
            features = builder.layer(*layer, fmt::format("{}.{}", place, number), {features});
        }
    }
}

std::string attribute_text(const Module& module, std::string_view name) {
    const checkpoint::Value* value = module.attribute(name);
    const bool known = value != nullptr && !value->is_none() && value->unreadable() == nullptr;
    return known ? value->to_text() : "";
}

std::optional<std::string> anchored_arguments(const Module& module, const std::vector<std::string>& between) {
    const Module* boxes = module.child("cv2");
    if (boxes == nullptr) boxes = module.child("one2one_cv2");
    if (boxes == nullptr) return std::nullopt;
    std::vector<std::int64_t> channels;
    for (const auto& [name, branch] : boxes->children) {
        const Module* first = branch->children.empty() ? nullptr : branch->children.front().second.get();
        if (first != nullptr && first->child("conv") != nullptr) first = first->child("conv");
        const checkpoint::TensorRef* weight = first == nullptr ? nullptr : first->parameter("weight");
        channels.push_back(weight == nullptr || weight->shape.size() <= 1 ? 0 : weight->shape[1]);
    }
    std::string middle;
    for (const std::string& each : between) middle += each + ", ";
    return fmt::format("[{}, {}[{}]]", attribute_text(module, "nc"), middle, fmt::join(channels, ", "));
}

}  // namespace yolovino::nets
