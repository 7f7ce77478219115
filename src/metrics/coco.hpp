#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "yolovino/metrics.hpp"

#include "metrics/matching.hpp"

namespace yolovino::metrics {

/// A box as COCO's files hold it: left, top, width, height in image pixels.
struct CocoBox {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

struct CocoTruth {
    CocoBox box;
    int category = 0;
    double area = 0;       ///< of the object, px²
    bool crowd = false;    ///< a region of many objects: detections in it count neither way
    bool ignored = false;  ///< counts neither way, as an object without visible keypoints
};

struct CocoDetection {
    CocoBox box;
    int category = 0;
    double score = 0;
};

/// Area ranges: all, small (to 32² px), medium (to 96² px), large.
inline constexpr std::size_t kAreas = 4;

/// What the protocol keeps of one detection. Bit t of the words stands for threshold 0.50 + 0.05 t.
struct CocoMatch {
    double score = 0;
    std::int32_t category = 0;
    std::uint8_t rank = 0;                        ///< by score among those of the image and category
    std::array<std::uint16_t, kAreas> matched{};  ///< has a label
    std::array<std::uint16_t, kAreas> ignored{};  ///< counts neither way

    friend bool operator==(const CocoMatch&, const CocoMatch&) = default;
};

/// What it keeps of one label: bit a says that it counts in area range a.
struct CocoCount {
    std::int32_t category = 0;
    std::uint8_t areas = 0;

    friend bool operator==(const CocoCount&, const CocoCount&) = default;
};

/// One image under the COCO protocol.
struct CocoImage {
    std::vector<CocoMatch> matches;
    std::vector<CocoCount> counts;

    friend bool operator==(const CocoImage&, const CocoImage&) = default;
};

/// Detections of one image and category that are looked at: of boxes and masks, of keypoints.
inline constexpr std::size_t kCocoDetections = 100;
inline constexpr std::size_t kCocoPoses = 20;

/// How much a detection and a label of one category overlap, by their indices.
using CocoOverlap = std::function<double(std::size_t detection, std::size_t truth)>;

/// Overlap in f64; of a crowd, the share of the detection that lies in it.
double coco_overlap(const CocoBox& detection, const CocoTruth& truth);

/// Matches one image by the rules of pycocotools: per category so many detections, crowds and labels outside the area
/// range are matched last and ignored. The area of a detection is that of its box, as its row of predictions.json has
/// one.
CocoImage match_coco(std::span<const CocoDetection> detections, std::span<const CocoTruth> truths, std::size_t most,
                     const CocoOverlap& overlap);
/// The same for boxes.
CocoImage match_coco(std::span<const CocoDetection> detections, std::span<const CocoTruth> truths);

/// @param images in the order of their ids, which decides among equal scores
CocoMetrics summarize_coco(std::span<const CocoImage* const> images);
CocoKeypointMetrics summarize_coco_keypoints(std::span<const CocoImage* const> images);

}  // namespace yolovino::metrics
