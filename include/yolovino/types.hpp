#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino {

/// Names of the tasks that networks can have here, as Ultralytics writes them; the first is the default.
inline constexpr std::array<std::string_view, 5> kTaskNames = {"detect", "segment", "classify", "pose", "obb"};

/// Height and width in pixels, in the order in which Ultralytics writes them.
struct ImageSize {
    int height = 0;
    int width = 0;

    friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// Keypoints of one object and the numbers of each: x, y, and, with three, how visible it is. Ultralytics' `kpt_shape`.
struct KeypointShape {
    int count = 0;  ///< 0: the network gives none
    int dims = 0;   ///< 2 or 3

    friend bool operator==(const KeypointShape&, const KeypointShape&) = default;
};

/// A point in pixels of an image, or normalised by its size.
struct Point {
    float x = 0;
    float y = 0;

    friend bool operator==(const Point&, const Point&) = default;
};

/// Class names by class id, `names[cls]`.
using ClassNames = std::vector<std::string>;

/// One detection in pixels of the original image: x to the right, y down, corners as floats, never rounded.
struct Box {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
    float conf = 0;              ///< score, 0 to 1
    int cls = 0;                 ///< class id
    std::optional<int> id = {};  ///< of the object that is tracked, from 1

    friend bool operator==(const Box&, const Box&) = default;
};

/// Time per image in milliseconds.
struct Speed {
    double preprocess = 0;   ///< letterbox and tensor
    double inference = 0;    ///< the network
    double postprocess = 0;  ///< suppression, scaling back, results
};

}  // namespace yolovino
