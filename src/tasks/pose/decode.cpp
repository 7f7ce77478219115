#include "tasks/pose/decode.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "tasks/finished_rows.hpp"

namespace yolovino::tasks {

std::size_t keypoint_rows(KeypointShape shape) {
    const auto positive = [](int value) { return static_cast<std::size_t>(std::max(value, 0)); };
    return positive(shape.count) * positive(shape.dims);
}

namespace {

/// Rows before the keypoints.
std::size_t rows_before(std::span<const float> raw, std::size_t rows, std::size_t anchors, KeypointShape shape) {
    const std::size_t numbers = keypoint_rows(shape);
    if (numbers <= rows && anchors > 0 && raw.size() / anchors == rows && raw.size() % anchors == 0)
        return rows - numbers;
    throw Error(ErrorCode::ShapeMismatch, "pose",
                fmt::format("the network gave {} values as [{}, {}], wanted [4 + classes + {}, anchors]", raw.size(),
                            rows, anchors, numbers));
}

}  // namespace

std::vector<ModelDetection> detect_poses_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                  const DecodeArgs& args) {
    const std::size_t before = rows_before(raw, rows, anchors, args.form.keypoints);
    return detect_in_model(raw.first(before * anchors), before, anchors, args);
}

std::vector<float> keypoints_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                      std::span<const ModelDetection> detections, KeypointShape shape) {
    const std::size_t before = rows_before(raw, rows, anchors, shape);
    std::vector<float> keypoints;
    keypoints.reserve(detections.size() * (rows - before));
    for (const ModelDetection& detection : detections) {
        for (std::size_t row = before; row < rows; ++row) keypoints.push_back(raw[row * anchors + detection.anchor]);
    }
    return keypoints;
}

std::vector<ModelDetection> poses_of(const tensors::OutputTensor& tensor, std::size_t image, const DecodeArgs& args) {
    if (args.form.finished) return finished_detections(tensor, image, args);
    return detect_poses_in_model(tensor.image(image), tensor.dimension(1), tensor.dimension(2), args);
}

std::vector<float> keypoints_of(const tensors::OutputTensor& tensor, std::size_t image,
                                std::span<const ModelDetection> detections, const NetworkForm& form) {
    if (!form.finished) {
        return keypoints_in_model(tensor.image(image), tensor.dimension(1), tensor.dimension(2), detections,
                                  form.keypoints);
    }
    if (tensor.dimension(2) != kFinishedColumns + keypoint_rows(form.keypoints)) {
        throw Error(ErrorCode::ShapeMismatch, "pose",
                    fmt::format("the network gave {}, wanted finished boxes [N, boxes, {}]",
                                graph::to_text(tensor.shape), kFinishedColumns + keypoint_rows(form.keypoints)));
    }
    std::vector<float> keypoints;
    for (const ModelDetection& detection : detections) {
        const auto values = finished_row(tensor, image, detection.anchor).subspan(kFinishedColumns);
        keypoints.insert(keypoints.end(), values.begin(), values.end());
    }
    return keypoints;
}

void move_to_image(std::span<float> keypoints, KeypointShape shape, const vision::LetterboxGeometry& geometry) {
    const vision::LetterboxInverse inverse = geometry.inverse();
    const auto right = static_cast<float>(geometry.source.width);
    const auto bottom = static_cast<float>(geometry.source.height);
    const auto dims = static_cast<std::size_t>(shape.dims);
    for (std::size_t i = 0; i + 1 < keypoints.size(); i += dims) {
        const Point point = inverse.to_image({keypoints[i], keypoints[i + 1]});
        keypoints[i] = std::clamp(point.x, 0.0F, right);
        keypoints[i + 1] = std::clamp(point.y, 0.0F, bottom);
    }
}

}  // namespace yolovino::tasks
