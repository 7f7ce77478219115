#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace yolovino::metrics {

/// Number of IoU thresholds: 0.50, 0.55, … 0.95.
inline constexpr std::size_t kThresholds = 10;

/// Corners in pixels of one space, which all boxes that are compared share.
struct Rect {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
};

struct Detection {
    Rect box;
    float conf = 0;  ///< score, 0 to 1
    int cls = 0;
};

struct Truth {
    Rect box;
    int cls = 0;
};

/// Intersection over union as Ultralytics' metrics compute it: f32, 1e-7 added to the union.
float intersection_over_union(const Rect& a, const Rect& b);

/// Which detections are true positives: bit t of element d stands for threshold 0.50 + 0.05 t.
/// A detection goes to the label of its class that it overlaps most; of several that go to one label, the first wins.
/// @param detections of one image, by descending score
std::vector<std::uint16_t> match(std::span<const Detection> detections, std::span<const Truth> truths);

}  // namespace yolovino::metrics
