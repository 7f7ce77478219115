#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "yolovino/masks.hpp"
#include "yolovino/rotated_box.hpp"
#include "yolovino/types.hpp"

/// What outlines of labels become before they are compared.
namespace yolovino::vision {

/// A corner of a polygon in pixels of its image.
struct Corner {
    double x = 0;
    double y = 0;
};

/// One closed line through several polygons, as Ultralytics' converter of COCO's annotations makes it.
/// @param polygons none empty
std::vector<Corner> join_polygons(std::vector<std::vector<Corner>> polygons);

/// Points along a closed outline, at equal steps of the vertex number, with the vertices among them, as Ultralytics'
/// loader makes them; an outline of just so many points stays.
/// @param outline not empty
/// @param count   at least 2
std::vector<Point> resampled(std::span<const Point> outline, std::size_t count);

/// The pixels inside an outline, corners truncated to whole pixels, on a canvas that is then reduced to a quarter of
/// its height and width.
/// @param outline in pixels of the canvas. @throws Error RuntimeFailure
Masks::Instance quarter_mask(std::span<const Point> outline, ImageSize canvas);

/// A mask on a grid enlarged four times: the pixels whose bilinear value is above 0.5.
Masks::Instance enlarged_four_times(const Masks::Instance& mask, ImageSize grid);

/// The smallest rotated box around points, the angle from -45 to below 135 degrees; score and class stay 0.
/// @param points not empty. @throws Error RuntimeFailure
RotatedBox smallest_rotated_box(std::span<const Point> points);

}  // namespace yolovino::vision
