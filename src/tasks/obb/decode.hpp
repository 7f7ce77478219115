#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "yolovino/rotated_box.hpp"

#include "metrics/probiou.hpp"
#include "tasks/decode_args.hpp"
#include "tensors/outputs.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::tasks {

/// A rotated box in pixels of the network's input.
struct RotatedDetection {
    metrics::RotatedRect box;
    float conf = 0;
    int cls = 0;
};

/// Candidates above `conf` after non-maximum suppression, by descending score.
/// @param raw `[4 + nc + 1, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores, then the angle
std::vector<RotatedDetection> detect_rotated_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                      const DecodeArgs& args);

/// The same of an output; of finished rows, whose last number is the angle, without suppression.
/// @throws Error ShapeMismatch
std::vector<RotatedDetection> rotated_detections_of(const tensors::OutputTensor& tensor, std::size_t image,
                                                    const DecodeArgs& args);

/// In image pixels, neither clipped nor rounded; the angle stays as the network gave it.
RotatedBox to_image(const RotatedDetection& detection, const vision::LetterboxGeometry& geometry);

}  // namespace yolovino::tasks
