#include "tasks/segment/decode.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "yolovino/error.hpp"

#include "tasks/box_rows.hpp"
#include "tasks/finished_rows.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::int64_t kMaxSide = 1 << 16;  // of prototypes

/// Whether an image has as many values as its dimensions say.
bool holds_its_shape(const tensors::OutputTensor& tensor) {
    if (std::ranges::any_of(tensor.shape, [](std::int64_t side) { return side < 1; })) return false;
    std::size_t values = tensor.data.size();
    for (const std::int64_t side : tensor.shape) {
        if (values % static_cast<std::size_t>(side) != 0) return false;
        values /= static_cast<std::size_t>(side);
    }
    return values == 1;
}

bool are_prototypes(const tensors::OutputTensor& tensor) {
    return tensor.shape.size() == 4 && holds_its_shape(tensor) && tensor.shape[2] <= kMaxSide &&
           tensor.shape[3] <= kMaxSide;
}

}  // namespace

bool are_segments(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form) {
    if (outputs.tensors.size() != 2 || !are_prototypes(outputs.tensors[1])) return false;
    const tensors::OutputTensor& prototypes = outputs.tensors[1];
    return prototypes.dimension(0) >= images && has_box_rows(outputs, images, classes, prototypes.dimension(1), form) &&
           holds_its_shape(outputs.first());
}

ModelSegments segment_in_model(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args) {
    if (!are_segments(outputs, image + 1, {}, args.form)) {
        throw Error(ErrorCode::ShapeMismatch, "segment",
                    fmt::format("the network gave {}, wanted [N, 4 + classes + masks, anchors] and [N, masks, height, "
                                "width]",
                                to_text(outputs)));
    }
    const tensors::OutputTensor& rows = outputs.first();
    const tensors::OutputTensor& prototypes = outputs.tensors[1];
    const std::size_t masks = prototypes.dimension(1);
    ModelSegments found;
    found.prototypes = {
        prototypes.image(image), masks, {static_cast<int>(prototypes.shape[2]), static_cast<int>(prototypes.shape[3])}};
    if (args.form.finished) {
        found.detections = finished_detections(rows, image, args);
        for (const ModelDetection& detection : found.detections) {
            const auto values = finished_row(rows, image, detection.anchor).subspan(kFinishedColumns);
            found.coefficients.insert(found.coefficients.end(), values.begin(), values.end());
        }
        return found;
    }
    const std::size_t anchors = rows.dimension(2);
    const std::size_t searched = rows.dimension(1) - masks;
    const std::span<const float> raw = rows.image(image);
    found.detections = detect_in_model(raw.first(searched * anchors), searched, anchors, args);
    found.coefficients.reserve(found.detections.size() * masks);
    for (const ModelDetection& detection : found.detections) {
        for (std::size_t row = searched; row < searched + masks; ++row)
            found.coefficients.push_back(raw[row * anchors + detection.anchor]);
    }
    return found;
}

}  // namespace yolovino::tasks
