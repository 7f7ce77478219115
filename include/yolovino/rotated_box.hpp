#pragma once

#include <array>
#include <optional>

#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// A rotated box in pixels of the original image, neither clipped nor rounded.
struct YOLOVINO_API RotatedBox {
    float cx = 0;
    float cy = 0;
    float width = 0;             ///< along the direction of `angle`
    float height = 0;            ///< across it
    float angle = 0;             ///< radians, clockwise in the image
    float conf = 0;              ///< score, 0 to 1
    int cls = 0;                 ///< class id
    std::optional<int> id = {};  ///< of the object that is tracked, from 1

    /// Ultralytics' `xyxyxyxy`: without rotation bottom right, top right, top left, bottom left.
    std::array<Point, 4> corners() const noexcept;
    /// The smallest upright box around the corners, with the score, the class, and the id.
    Box xyxy() const noexcept;

    friend bool operator==(const RotatedBox&, const RotatedBox&) = default;
};

}  // namespace yolovino
