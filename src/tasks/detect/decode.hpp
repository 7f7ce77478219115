#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "yolovino/types.hpp"

#include "tasks/decode_args.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::tasks {

/// A detection in pixels of the network's input.
struct ModelDetection {
    vision::ModelBox box;
    float conf = 0;
    int cls = 0;
    std::uint32_t anchor = 0;  ///< column of the network's output, which may have further rows
};

/// Candidates above `conf` without suppression, by descending score; at most the 30,000 best. Only the first rows are
/// looked at.
/// @param raw `[rows, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores
std::vector<ModelDetection> candidates_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                const DecodeArgs& args);

/// Candidates above `conf` after non-maximum suppression, by descending score.
/// @param raw `[4 + nc, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores
std::vector<ModelDetection> detect_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                            const DecodeArgs& args);

/// From the network's raw output of one image to boxes in image pixels, by descending score: candidates above `conf`,
/// non-maximum suppression, scaling back.
/// @param raw `[4 + nc, anchors]` f32, rows cx, cy, w, h in model pixels, then class scores
std::vector<Box> detect(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args,
                        const vision::LetterboxGeometry& geometry);

}  // namespace yolovino::tasks
