#include "quantize/damage.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "yolovino/error.hpp"

namespace yolovino::quantize {

namespace {
constexpr std::size_t kBoxRows = 4;
constexpr float kConfident = 0.1F;
}  // namespace

ConfidentAnchors confident_anchors(std::span<const float> output, std::size_t rows, std::size_t anchors) {
    ConfidentAnchors out;
    out.rows = rows;
    for (std::size_t anchor = 0; anchor < anchors; ++anchor) {
        float top = 0;
        for (std::size_t row = kBoxRows; row < rows; ++row) top = std::max(top, output[row * anchors + anchor]);
        if (!(top > kConfident)) continue;
        out.anchors.push_back(static_cast<std::uint32_t>(anchor));
        for (std::size_t row = 0; row < rows; ++row) out.values.push_back(output[row * anchors + anchor]);
    }
    return out;
}

DamageSum compare(const ConfidentAnchors& reference, std::span<const float> output, std::size_t rows,
                  std::size_t anchors) {
    if (rows != reference.rows || output.size() != rows * anchors ||
        (!reference.anchors.empty() && reference.anchors.back() >= anchors)) {
        throw Error(ErrorCode::ShapeMismatch, "quantize",
                    fmt::format("the answer has {} rows of {} anchors, wanted {} rows as in float", rows, anchors,
                                reference.rows));
    }
    DamageSum sum;
    sum.anchors = reference.anchors.size();
    for (std::size_t i = 0; i < reference.anchors.size(); ++i) {
        const float* wanted = reference.values.data() + i * rows;
        const auto change = [&](std::size_t row) {
            return std::abs(static_cast<double>(output[row * anchors + reference.anchors[i]]) - wanted[row]);
        };
        for (std::size_t row = 0; row < kBoxRows; ++row) sum.box_px += change(row) / kBoxRows;
        double largest = 0;
        for (std::size_t row = kBoxRows; row < rows; ++row) largest = std::max(largest, change(row));
        sum.score += largest;
    }
    return sum;
}

QuantizationDamage mean_of(std::span<const DamageSum> pictures) {
    QuantizationDamage mean;
    mean.images = pictures.size();
    for (const DamageSum& each : pictures) {
        mean.anchors += each.anchors;
        mean.box_px += each.box_px;
        mean.score += each.score;
    }
    if (mean.anchors == 0) return mean;
    mean.box_px /= static_cast<double>(mean.anchors);
    mean.score /= static_cast<double>(mean.anchors);
    return mean;
}

}  // namespace yolovino::quantize
