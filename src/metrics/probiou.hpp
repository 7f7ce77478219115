#pragma once

#include "yolovino/rotated_box.hpp"

namespace yolovino::metrics {

/// A rotated box: the width along the direction of the angle, in radians. All that are compared share one space.
struct RotatedRect {
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    float angle = 0;
};

/// The normal distribution that stands for a rotated box: its centre and its covariance `[xx, xy; xy, yy]`.
struct Gaussian {
    float cx = 0;
    float cy = 0;
    float xx = 0;
    float yy = 0;
    float xy = 0;
};

Gaussian gaussian_of(const RotatedRect& box);
Gaussian gaussian_of(const RotatedBox& box);

/// Overlap of two rotated boxes by the Hellinger distance of their distributions (Llerena et al., 2021), in f32 in the
/// order in which Ultralytics computes it. 0.99955 for equal boxes; NaN where the numbers allow nothing else, as for
/// boxes without an area.
float probiou(const Gaussian& a, const Gaussian& b);

}  // namespace yolovino::metrics
