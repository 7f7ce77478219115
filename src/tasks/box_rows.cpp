#include "tasks/box_rows.hpp"

#include <cstdint>
#include <fmt/format.h>

#include "yolovino/error.hpp"

#include "tasks/finished_rows.hpp"

namespace yolovino::tasks {

namespace {

/// Whether there are fewer anchors than the cells of stride 16 alone, which every head has.
bool has_few_anchors(const tensors::TensorSignature& in, const tensors::TensorSignature& out) {
    constexpr std::int64_t kStride = 16;
    const std::int64_t anchors = out.dims[2];
    const std::int64_t height = in.dims[2];
    const std::int64_t width = in.dims[3];
    if (anchors == graph::kDynamic || height < kStride || width < kStride) return false;
    return anchors / (width / kStride) < height / kStride;
}

/// How many numbers the second output adds may be unknown.
bool holds_finished(const graph::Shape& dims, const BoxRows& wanted) {
    if (dims.size() != 3) return false;
    const bool open = wanted.outputs == 2 && wanted.added == 0;
    const auto width = static_cast<std::int64_t>(kFinishedColumns + wanted.added);
    return dims[2] == graph::kDynamic || (open ? dims[2] > width : dims[2] == width);
}

}  // namespace

void check_box_rows(const tensors::Signature& signature, const BoxRows& wanted, const NetworkForm& form,
                    std::string_view area, const std::string& file) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::ShapeMismatch, area, message, {.file = file},
                    tensors::is_channels_last(signature) ? "yolo export with format=openvino makes one that takes it"
                    : wanted.outputs == 2 && tensors::is_maps_first(signature)
                        ? "yolo export with format=openvino puts the outputs in order"
                        : wanted.hint);
    };
    if (signature.inputs.size() != 1 || signature.outputs.size() != wanted.outputs) {
        fail(fmt::format("the network has {} inputs and {} outputs, wanted {}", signature.inputs.size(),
                         signature.outputs.size(),
                         wanted.outputs == 1 ? "one of each" : fmt::format("1 and {}", wanted.outputs)));
    }
    const tensors::TensorSignature& in = signature.inputs.front();
    if (!tensors::is_image_batch(in)) fail(fmt::format("the input is {}, wanted f32 [N, 3, H, W]", to_text(in)));
    // A file may leave the shape of its output to the runtime.
    const tensors::TensorSignature& out = signature.outputs.front();
    if (declares_finished(signature, form, wanted.added > 0 || wanted.outputs > 1)) {
        if (tensors::is_float(out) && (!out.ranked || holds_finished(out.dims, wanted))) return;
        fail(fmt::format("the output is {}, wanted finished boxes f32 [N, boxes, {}]", to_text(out),
                         kFinishedColumns + wanted.added));
    }
    const auto least = static_cast<std::int64_t>(kBoxRows + wanted.added);
    const bool shaped =
        !out.ranked || (out.dims.size() == 3 && (out.dims[1] == graph::kDynamic || out.dims[1] > least));
    if (!tensors::is_float(out) || !shaped)
        fail(fmt::format("the output is {}, wanted f32 {}", to_text(out), wanted.text));
    if (out.ranked && has_few_anchors(in, out))
        fail(
            fmt::format("the output is {} for the input {}, wanted {}: these are finished boxes of an export with "
                        "nms=True, or other rows",
                        to_text(out), to_text(in), wanted.text));
}

bool has_box_rows(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, std::size_t added,
                  const NetworkForm& form) {
    if (outputs.tensors.empty() || outputs.first().shape.size() != 3) return false;
    const tensors::OutputTensor& tensor = outputs.first();
    if (are_finished(tensor.shape, form, added > 0))
        return tensor.dimension(0) >= images && tensor.dimension(2) == kFinishedColumns + added;
    const std::size_t rows = tensor.dimension(1);
    const std::size_t others = kBoxRows + added;
    return tensor.dimension(0) >= images && rows >= classes.least + others && rows <= classes.most + others;
}

std::string box_rows_text(ClassRange classes, std::size_t added) {
    if (classes.most != ClassRange::kAny) return std::to_string(classes.most + kBoxRows + added);
    return added == 0 ? "4 + classes" : fmt::format("4 + classes + {}", added);
}

int classes_by_rows(const tensors::Signature& signature, std::size_t added, const NetworkForm& form) {
    if (signature.outputs.empty() || declares_finished(signature, form, added > 0)) return 0;
    const tensors::TensorSignature& out = signature.outputs.front();
    const bool known = out.ranked && out.dims.size() == 3 && out.dims[1] != graph::kDynamic;
    return known ? static_cast<int>(out.dims[1]) - static_cast<int>(kBoxRows + added) : 0;
}

}  // namespace yolovino::tasks
