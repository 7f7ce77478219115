#pragma once

#include <span>
#include <vector>

#include "metrics/probiou.hpp"
#include "tracking/cost_matrix.hpp"

namespace yolovino::tracking {

/// Corners of an upright box.
struct Corners {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
};

/// Intersection over union of each pair, in f32 in the order in which Ultralytics computes it.
CostMatrix overlaps(std::span<const Corners> tracks, std::span<const Corners> detections);

/// 1 - intersection over union.
CostMatrix overlap_costs(std::span<const Corners> tracks, std::span<const Corners> detections);

/// 1 - probabilistic intersection over union of rotated boxes.
CostMatrix overlap_costs(std::span<const metrics::Gaussian> tracks, std::span<const metrics::Gaussian> detections);

/// Makes detections of low score dearer: 1 - overlap * score.
void fuse_scores(CostMatrix& costs, std::span<const float> scores);

}  // namespace yolovino::tracking
