#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "metrics/coco.hpp"

namespace yolovino::metrics {

/// How far each keypoint of COCO's persons may be off, as a share of the object.
std::span<const float> coco_sigmas();

/// Object keypoint similarity as Ultralytics computes it, 0 to 1; 0 without a visible keypoint in the label.
/// @param truth    x, y, v of each keypoint; v 0: not compared
/// @param detected x and y at the beginning of each `stride` numbers, in the same pixels
/// @param area     of the label's object
float keypoint_similarity(std::span<const float> truth, std::span<const float> detected, std::size_t stride,
                          std::span<const float> sigmas, float area);

/// The same as pycocotools computes it: without a visible keypoint by the distance to the label's box, doubled.
/// @param truth x, y, v in image pixels; `detected` x, y, v
double coco_keypoint_similarity(std::span<const double> truth, std::span<const double> detected,
                                std::span<const float> sigmas, const CocoTruth& object);

}  // namespace yolovino::metrics
