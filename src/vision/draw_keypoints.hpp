#pragma once

#include "yolovino/image.hpp"
#include "yolovino/keypoints.hpp"
#include "yolovino/plot_args.hpp"

namespace yolovino::vision {

/// Draws a circle for each keypoint that is visible, of the first object last. Those of persons, which have 17, are
/// joined by limbs.
void draw_keypoints(Image& image, const Keypoints& keypoints, const PlotArgs& args);

}  // namespace yolovino::vision
