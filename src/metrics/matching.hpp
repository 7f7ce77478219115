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

/// What counts of one detection.
struct Scored {
    float conf = 0;
    std::int32_t cls = 0;
    std::uint16_t matched = 0;  ///< as match() gives it

    friend bool operator==(const Scored&, const Scored&) = default;
};

/// One image: its detections by descending score and the classes of its labels.
struct ScoredImage {
    std::vector<Scored> detections;
    std::vector<std::int32_t> truths;

    friend bool operator==(const ScoredImage&, const ScoredImage&) = default;
};

/// How much each detection and each label of one image overlap: IoU or what stands for it.
class Overlaps {
public:
    Overlaps(std::size_t detections, std::size_t truths) : truths_(truths), values_(detections * truths, 0.0F) {}

    float& at(std::size_t detection, std::size_t truth) { return values_[detection * truths_ + truth]; }
    float at(std::size_t detection, std::size_t truth) const { return values_[detection * truths_ + truth]; }

private:
    std::size_t truths_;
    std::vector<float> values_;  // [detections, truths]
};

Overlaps overlaps_of(std::span<const Detection> detections, std::span<const Truth> truths);

/// Fills `matched` of the detections of one image by the rules of match() below.
void match(ScoredImage& image, const Overlaps& overlaps, Protocol protocol);

/// Which detections are true positives: bit t of element d stands for threshold 0.50 + 0.05 t. By descending score,
/// each detection takes the label of its class that it overlaps most among those that are still free (Ultralytics), or
/// among all, so that it stays without one if that is taken (Classic).
/// @param detections of one image, by descending score
std::vector<std::uint16_t> match(std::span<const Detection> detections, std::span<const Truth> truths,
                                 Protocol protocol = Protocol::Ultralytics);

}  // namespace yolovino::metrics
