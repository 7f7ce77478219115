#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tasks/decode_args.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/segment/mask_grid.hpp"
#include "tasks/task.hpp"
#include "tensors/outputs.hpp"

namespace yolovino::tasks {

/// What was found in one image, in pixels of the network's input.
struct ModelSegments {
    std::vector<ModelDetection> detections;  ///< by descending score
    std::vector<float> coefficients;         ///< `[detections, prototypes]`
    Prototypes prototypes;                   ///< memory of the outputs

    std::span<const float> coefficients_of(std::size_t detection) const {
        return std::span(coefficients).subspan(detection * prototypes.count, prototypes.count);
    }
};

/// Whether there are rows for so many images and classes, and prototypes.
bool are_segments(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form);

/// Candidates after non-maximum suppression, with what their masks are made of.
/// @param outputs `[N, 4 + nc + nm, anchors]`, or finished rows `[N, boxes, 6 + nm]`, and `[N, nm, height, width]`.
/// @throws Error ShapeMismatch
ModelSegments segment_in_model(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args);

}  // namespace yolovino::tasks
