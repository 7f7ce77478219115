#include "runtime/signature.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::runtime {

namespace {

std::string to_text(const TensorSignature& tensor) {
    return fmt::format("{} {}", tensor.type, tensor.ranked ? graph::to_text(tensor.sides) : "of any rank");
}

bool is_float(const TensorSignature& tensor) {
    return tensor.type == "f32" || tensor.type == "f16";
}

bool may_be(std::int64_t side, std::int64_t wanted) {
    return side == wanted || side == graph::kDynamic;
}

}  // namespace

void expect_detection_network(const Signature& signature, std::string_view area, const std::string& file) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::ShapeMismatch, area, message, {.file = file},
                    is_channels_last(signature) ? "yolo export with format=openvino makes one that takes it"
                                                : "this is not a YOLOv8 detection network");
    };
    if (signature.inputs.size() != 1 || signature.outputs.size() != 1) {
        fail(fmt::format("the network has {} inputs and {} outputs, wanted one of each", signature.inputs.size(),
                         signature.outputs.size()));
    }
    const TensorSignature& in = signature.inputs.front();
    if (!is_float(in) || !in.ranked || in.sides.size() != 4 || !may_be(in.sides[1], 3))
        fail(fmt::format("the input is {}, wanted f32 [N, 3, H, W]", to_text(in)));
    // A file may leave the shape of its output to the runtime.
    const TensorSignature& out = signature.outputs.front();
    const bool shaped = !out.ranked || (out.sides.size() == 3 && (out.sides[1] == graph::kDynamic || out.sides[1] > 4));
    if (!is_float(out) || !shaped)
        fail(fmt::format("the output is {}, wanted f32 [N, 4 + classes, anchors]", to_text(out)));
}

bool is_channels_last(const Signature& signature) {
    if (signature.inputs.size() != 1) return false;
    const TensorSignature& in = signature.inputs.front();
    return is_float(in) && in.ranked && in.sides.size() == 4 && in.sides[3] == 3 && !may_be(in.sides[1], 3);
}

int classes_of(const Signature& signature) {
    const TensorSignature& out = signature.outputs.front();
    return out.ranked && out.sides[1] != graph::kDynamic ? static_cast<int>(out.sides[1]) - 4 : 0;
}

}  // namespace yolovino::runtime
