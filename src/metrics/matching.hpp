#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace yolovino::metrics {

/// Number of IoU thresholds: 0.50, 0.55, … 0.95.
inline constexpr std::size_t kThresholds = 10;

/// Whose rules: Ultralytics 8.4's, or those of 8.0 to 8.3. They differ in what a detection may match, in the tail of
/// the precision curve, and in the weights of fitness.
enum class Protocol { Ultralytics, Classic };

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

/// Which detections are true positives: bit t of element d stands for threshold 0.50 + 0.05 t. By descending score,
/// each detection takes the label of its class that it overlaps most among those that are still free (Ultralytics), or
/// among all, so that it stays without one if that is taken (Classic).
/// @param detections of one image, by descending score
std::vector<std::uint16_t> match(std::span<const Detection> detections, std::span<const Truth> truths,
                                 Protocol protocol = Protocol::Ultralytics);

}  // namespace yolovino::metrics
