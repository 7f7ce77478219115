#pragma once

#include "yolovino/image.hpp"
#include "yolovino/rotated_box.hpp"

namespace yolovino::vision {

/// What lies in a rotated box, turned upright; black beyond the borders of the image. Empty for a box that is not
/// finite or larger than OpenCV can take.
Image rotated_crop(const Image& image, const RotatedBox& box);

}  // namespace yolovino::vision
