#pragma once

#include <array>

namespace yolovino::tracking {

/// A box that was found in a frame, in pixels of the image.
struct Detection {
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    float angle = 0;  ///< radians; of upright boxes 0
    float conf = 0;
    int cls = 0;
    int index = 0;  ///< in the list that the box came from
};

/// How the camera moved from the previous frame to this one: `x' = m[0] x + m[1] y + m[2]`,
/// `y' = m[3] x + m[4] y + m[5]`.
struct Warp {
    std::array<double, 6> m = {1, 0, 0, 0, 1, 0};
};

}  // namespace yolovino::tracking
