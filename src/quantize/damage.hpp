#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "yolovino/quantization.hpp"

namespace yolovino::quantize {

/// The columns of a network's answer `[4 + classes, anchors]` that hold a score above 0.1.
struct ConfidentAnchors {
    std::size_t rows = 0;
    std::vector<std::uint32_t> anchors;
    std::vector<float> values;  ///< rows values for each anchor
};

ConfidentAnchors confident_anchors(std::span<const float> output, std::size_t rows, std::size_t anchors);

/// Sums over the anchors of one picture.
struct DamageSum {
    std::size_t anchors = 0;
    double box_px = 0;
    double score = 0;
};

/// @param output of the other network for the same picture. @throws Error ShapeMismatch if it is of another shape
DamageSum compare(const ConfidentAnchors& reference, std::span<const float> output, std::size_t rows,
                  std::size_t anchors);

QuantizationDamage mean_of(std::span<const DamageSum> pictures);

}  // namespace yolovino::quantize
