#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "yolovino/results.hpp"

namespace yolovino::tasks {

/// How far two objects that stand for each other are apart. What their task does not have stays empty.
struct ObjectDifference {
    double box_px = 0;  ///< largest difference of a corner
    double score = 0;   ///< of classify: largest difference of a probability
    std::optional<double> mask_iou;
    std::optional<double> keypoint_px;  ///< largest distance of a keypoint
    std::optional<double> angle_deg;
};

/// Two results of one image. An object that has none to stand for it counts by how far its score is above `conf`; an
/// image whose most likely class differs, by how much more likely that is than the other side's.
struct ResultDifference {
    std::vector<ObjectDifference> matched;
    std::vector<double> only_first;
    std::vector<double> only_second;
    std::optional<double> probability;  ///< of classify: the largest difference, whatever the most likely classes are
};

/// Objects of one class that overlap by an IoU of at least 0.5 stand for each other: greedily, in the order of the
/// first.
ResultDifference difference(const Results& first, const Results& second, double conf);

}  // namespace yolovino::tasks
