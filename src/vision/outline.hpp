#pragma once

#include <vector>

#include "yolovino/masks.hpp"

namespace yolovino::vision {

/// A pixel of a grid of masks.
struct GridPoint {
    int x = 0;
    int y = 0;

    friend bool operator==(const GridPoint&, const GridPoint&) = default;
};

using Contour = std::vector<GridPoint>;

/// The outer contours of a mask in OpenCV's order, only corners.
/// @param mask whose bits are those of its size. @throws Error RuntimeFailure
std::vector<Contour> outer_contours(const Masks::Instance& mask);

/// One closed line through all contours: each is joined to the next one at the nearest pair of their points, the middle
/// ones in two halves, on the way there and on the way back. Of one contour: itself.
/// @param contours none empty
Contour join_contours(std::vector<Contour> contours);

}  // namespace yolovino::vision
