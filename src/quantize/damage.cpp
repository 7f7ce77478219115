#include "quantize/damage.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "yolovino/error.hpp"

namespace yolovino::quantize {

namespace {
constexpr float kConfident = 0.1F;
}  // namespace

ConfidentAnchors confident_anchors(std::span<const float> output, std::size_t rows, std::size_t anchors,
                                   const ComparedRows& compared) {
    ConfidentAnchors out;
    out.rows = rows;
    out.box_rows = std::min(compared.box, rows);
    out.compared = compared.scores == 0 ? rows : std::min(rows, out.box_rows + compared.scores);
    for (std::size_t anchor = 0; anchor < anchors; ++anchor) {
        float top = 0;
        for (std::size_t row = out.box_rows; row < out.compared; ++row)
            top = std::max(top, output[row * anchors + anchor]);
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
    const std::size_t box_rows = reference.box_rows;
    for (std::size_t i = 0; i < reference.anchors.size(); ++i) {
        const float* wanted = reference.values.data() + i * rows;
        const auto change = [&](std::size_t row) {
            return std::abs(static_cast<double>(output[row * anchors + reference.anchors[i]]) - wanted[row]);
        };
        for (std::size_t row = 0; row < box_rows; ++row) sum.box_px += change(row) / static_cast<double>(box_rows);
        double largest = 0;
        for (std::size_t row = box_rows; row < reference.compared; ++row) largest = std::max(largest, change(row));
        sum.score += largest;
    }
    return sum;
}

QuantizationDamage mean_of(std::span<const DamageSum> sums) {
    QuantizationDamage mean;
    mean.images = sums.size();
    for (const DamageSum& each : sums) {
        mean.anchors += each.anchors;
        mean.box_px += each.box_px;
        mean.score += each.score;
    }
    if (mean.anchors == 0) return mean;
    mean.box_px /= static_cast<double>(mean.anchors);
    mean.score /= static_cast<double>(mean.anchors);
    return mean;
}

std::string to_text(const ObjectDamage& objects) {
    if (objects.probability) {
        return fmt::format("{} of {} images keep their most likely class; probabilities {:.4f}", objects.matched,
                           objects.images, *objects.probability);
    }
    std::string text = fmt::format("{} objects in both, {} in float only, {} in 8 bits only", objects.matched,
                                   objects.only_float, objects.only_int8);
    if (objects.mask_iou) text += fmt::format("; masks overlap by an IoU of {:.4f}", *objects.mask_iou);
    if (objects.keypoint_px) text += fmt::format("; keypoints {:.3f} px", *objects.keypoint_px);
    if (objects.angle_deg) text += fmt::format("; angles {:.3f} degrees", *objects.angle_deg);
    return text;
}

}  // namespace yolovino::quantize
