#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "yolovino/results.hpp"

#include "vision/letterbox.hpp"

namespace yolovino::tasks {

struct DetectArgs {
    double conf = 0.25;
    double iou = 0.7;
    int max_det = 300;
    bool agnostic_nms = false;
    std::optional<std::vector<int>> classes = {};  ///< keep only these; unset: all
    bool multi_label = false;  ///< each class above `conf` is a candidate, not only the best of an anchor
};

/// A detection in pixels of the network's input.
struct ModelDetection {
    vision::ModelBox box;
    float conf = 0;
    int cls = 0;
};

/// Candidates above `conf` after non-maximum suppression, by descending score.
/// @param raw `[4 + nc, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores
std::vector<ModelDetection> detect_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                            const DetectArgs& args);

/// From the network's raw output of one image to boxes in image pixels, by descending score: candidates above `conf`,
/// non-maximum suppression, scaling back.
/// @param raw `[4 + nc, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores
std::vector<Box> detect(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DetectArgs& args,
                        const vision::LetterboxGeometry& geometry);

}  // namespace yolovino::tasks
