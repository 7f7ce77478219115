#pragma once

#include <string>

#include "yolovino/predict_args.hpp"

namespace yolovino {

/// Options of `Model::track` and `Model::tracker`. Names and defaults are Ultralytics'; the defaults are defined only
/// here.
struct TrackArgs {
    PredictArgs predict = {.conf = 0.1};  ///< what finds the objects; trackers use low scores, too
    /// A YAML file, or a built-in one: `tracktrack.yaml`, `bytetrack.yaml`, or `botsort.yaml`.
    std::string tracker = "tracktrack.yaml";
};

}  // namespace yolovino
