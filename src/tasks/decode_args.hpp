#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "yolovino/types.hpp"

namespace yolovino::tasks {

/// What the outputs of a network do not say of themselves.
struct NetworkForm {
    std::size_t classes = 0;  ///< by the names of the file; 0: unknown
    KeypointShape keypoints;  ///< of those tasks that have them
    bool finished = false;    ///< the network chooses boxes itself, see tasks/finished_rows.hpp
};

/// How objects are found in what a network gives.
struct DecodeArgs {
    double conf = 0.25;
    double iou = 0.7;
    int max_det = 300;
    bool agnostic_nms = false;
    std::optional<std::vector<int>> classes = {};  ///< keep only these; unset: all
    bool multi_label = false;   ///< each class above `conf` is a candidate, not only the best of an anchor
    bool retina_masks = false;  ///< masks at the size of the image instead of the network's input
    NetworkForm form = {};
};

}  // namespace yolovino::tasks
