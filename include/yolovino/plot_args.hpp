#pragma once

#include <optional>

namespace yolovino {

/// Options of `draw` and `Results::plot`.
struct PlotArgs {
    bool conf = true;                    ///< write the score
    bool labels = true;                  ///< write the class name
    bool boxes = true;                   ///< draw the boxes
    bool masks = true;                   ///< segment: draw the masks
    bool probs = true;                   ///< classify: write the five most likely classes
    int kpt_radius = 5;                  ///< pose: radius of a keypoint, pixels
    bool kpt_line = true;                ///< pose: join the keypoints of persons
    std::optional<int> line_width = {};  ///< pixels; unset: from the size of the image
};

}  // namespace yolovino
