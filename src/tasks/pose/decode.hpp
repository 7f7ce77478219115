#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "yolovino/types.hpp"

#include "tasks/detect/decode.hpp"
#include "tensors/outputs.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::tasks {

/// Numbers of the keypoints of one object.
std::size_t keypoint_rows(KeypointShape shape);

/// As detect_in_model(), of rows that the keypoints of `args.form` follow. @throws Error ShapeMismatch
std::vector<ModelDetection> detect_poses_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                  const DecodeArgs& args);

/// The keypoints of detections in pixels of the network's input: `[detections, shape.count, shape.dims]`.
/// @param raw `[rows, anchors]` f32 whose last keypoint_rows() rows are x, y, and, with three numbers, how visible each
/// keypoint is
std::vector<float> keypoints_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                      std::span<const ModelDetection> detections, KeypointShape shape);

/// The same two of an output; of finished rows, which the keypoints follow, without suppression.
/// @throws Error ShapeMismatch
std::vector<ModelDetection> poses_of(const tensors::OutputTensor& tensor, std::size_t image, const DecodeArgs& args);
std::vector<float> keypoints_of(const tensors::OutputTensor& tensor, std::size_t image,
                                std::span<const ModelDetection> detections, const NetworkForm& form);

/// Moves keypoints from pixels of the network's input to those of the image and clips them to it.
void move_to_image(std::span<float> keypoints, KeypointShape shape, const vision::LetterboxGeometry& geometry);

}  // namespace yolovino::tasks
