#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "data/label_file.hpp"
#include "metrics/coco.hpp"
#include "metrics/matching.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/metric.hpp"

/// How the objects that were found in an image and its labels are brought together, as far as boxes go.
namespace yolovino::tasks {

/// Labels in the order in which they are compared.
using Truths = std::vector<const data::Label*>;

/// Those that are no crowds.
Truths compared_truths(const LabelledImage& labelled);

/// Whether objects of a class count. Changes the class if all count as one.
bool counts(int& cls, const MetricArgs& args);

template <typename Object>
void keep_counting(std::vector<Object>& found, const MetricArgs& args) {
    std::erase_if(found, [&](Object& each) { return !counts(each.cls, args); });
}

/// Scores and classes, not matched yet.
template <typename Object>
metrics::ScoredImage scored_image(const std::vector<Object>& found, const Truths& truths) {
    metrics::ScoredImage image;
    image.detections.reserve(found.size());
    for (const Object& each : found) image.detections.push_back({each.conf, each.cls, 0});
    image.truths.reserve(truths.size());
    for (const data::Label* truth : truths) image.truths.push_back(truth->cls);
    return image;
}

std::vector<Box> boxes_in_image(const std::vector<ModelDetection>& found, const vision::LetterboxGeometry& geometry);

/// Ultralytics 8.4 compares boxes in the network's pixels, 8.0 to 8.3 in the image's.
/// @param boxes those that were found, in image pixels
metrics::Overlaps box_overlaps(const std::vector<ModelDetection>& found, const std::vector<Box>& boxes,
                               const Truths& truths, const vision::LetterboxGeometry& geometry,
                               metrics::Protocol protocol);

/// As the numbers are written to predictions.json, so that pycocotools finds the same in that file.
std::vector<metrics::CocoDetection> coco_detections(const std::vector<Box>& boxes);
/// All labels, crowds too.
std::vector<metrics::CocoTruth> coco_truths(const LabelledImage& labelled);

/// An image's results without what a task adds.
Results results_of(const vision::LetterboxGeometry& geometry, std::vector<Box> boxes);

/// Boxes for a mosaic, in pixels of the network's input.
Drawing drawn_truths(const Truths& truths, const vision::LetterboxGeometry& geometry);
Drawing drawn_predictions(const std::vector<ModelDetection>& found, const vision::LetterboxGeometry& geometry);

/// Whether a mosaic shows an object of such a score.
bool is_drawn(float conf);

}  // namespace yolovino::tasks
