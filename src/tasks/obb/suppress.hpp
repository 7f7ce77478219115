#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "metrics/probiou.hpp"

namespace yolovino::tasks {

/// A rotated box that competes with others of its group, which is its class or, without classes, the same for all.
struct RotatedCandidate {
    metrics::Gaussian box;
    int group = 0;
};

/// Which candidates no better one of their group overlaps more than `iou`, also none that is suppressed itself: the
/// rule is not greedy. At most `most`.
/// @param sorted by descending score
std::vector<std::size_t> unsuppressed(std::span<const RotatedCandidate> sorted, float iou, std::size_t most);

}  // namespace yolovino::tasks
