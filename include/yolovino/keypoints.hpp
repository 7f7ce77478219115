#pragma once

#include <cstddef>
#include <vector>

#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// Keypoints of the objects of one image, object `i` being `Results::boxes[i]`.
class YOLOVINO_API Keypoints {
public:
    KeypointShape shape;
    ImageSize orig_shape;     ///< of the image
    std::vector<float> data;  ///< `[objects, shape.count, shape.dims]`, x and y in image pixels, clipped to the image

    std::size_t size() const noexcept;  ///< objects
    bool has_visible() const noexcept;  ///< whether each point has a third number

    /// All points of an object in image pixels. @throws Error InvalidArgument for an index out of range, as the others
    std::vector<Point> xy(std::size_t object) const;
    /// The same, normalised by the size of the image.
    std::vector<Point> xyn(std::size_t object) const;
    /// How visible each point is, 0 to 1; empty if `has_visible()` is false.
    std::vector<float> conf(std::size_t object) const;
};

}  // namespace yolovino
