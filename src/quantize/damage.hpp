#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "yolovino/quantization.hpp"

namespace yolovino::quantize {

/// The rows of an output `[rows, anchors]` that are compared: first those of a box, then those of scores. What follows
/// is in other units.
struct ComparedRows {
    std::size_t box = 0;
    std::size_t scores = 0;  ///< 0: all that follow
};

/// The columns of an output that hold a score above 0.1.
struct ConfidentAnchors {
    std::size_t rows = 0;
    std::size_t box_rows = 0;
    std::size_t compared = 0;  ///< rows of boxes and scores
    std::vector<std::uint32_t> anchors;
    std::vector<float> values;  ///< rows values for each anchor
};

ConfidentAnchors confident_anchors(std::span<const float> output, std::size_t rows, std::size_t anchors,
                                   const ComparedRows& compared);

/// Sums over the anchors of one image.
struct DamageSum {
    std::size_t anchors = 0;
    double box_px = 0;
    double score = 0;
};

/// @param output of the other network for the same image. @throws Error ShapeMismatch if it is of another shape
DamageSum compare(const ConfidentAnchors& reference, std::span<const float> output, std::size_t rows,
                  std::size_t anchors);

QuantizationDamage mean_of(std::span<const DamageSum> sums);

/// `71 objects in both, 1 in float only, 2 in 8 bits only; masks overlap by an IoU of 0.9712`
std::string to_text(const ObjectDamage& objects);

}  // namespace yolovino::quantize
