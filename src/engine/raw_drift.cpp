#include "engine/raw_drift.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <span>

namespace yolovino::engine {

namespace {

constexpr std::size_t kBoxRows = 4;

struct Gap {
    double largest = 0;
    double sum = 0;
    std::size_t values = 0;
    std::size_t not_finite = 0;
};

Gap gap_between(std::span<const float> first, std::span<const float> second) {
    Gap gap;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const double difference = std::abs(static_cast<double>(first[i]) - second[i]);
        if (!std::isfinite(difference)) {
            ++gap.not_finite;
            continue;
        }
        gap.largest = std::max(gap.largest, difference);
        gap.sum += difference;
        ++gap.values;
    }
    return gap;
}

}  // namespace

void RawComparison::add(const runtime::InputShape& first_input, const runtime::RawOutput& first,
                        const runtime::InputShape& second_input, const runtime::RawOutput& second) {
    if (!obstacle_.empty()) return;
    if (first_input.size != second_input.size) {
        obstacle_ = fmt::format("the inputs are {}x{} and {}x{}", first_input.size.height, first_input.size.width,
                                second_input.size.height, second_input.size.width);
        return;
    }
    if (first.rows != second.rows || first.anchors != second.anchors) {
        obstacle_ = fmt::format("the outputs are [{}, {}] and [{}, {}]", first.rows, first.anchors, second.rows,
                                second.anchors);
        return;
    }
    const std::size_t boxes = kBoxRows * first.anchors;
    const std::span<const float> one = first.image(0);
    const std::span<const float> other = second.image(0);
    const Gap box = gap_between(one.first(boxes), other.first(boxes));
    const Gap score = gap_between(one.subspan(boxes), other.subspan(boxes));
    drift_.max_box_px = std::max(drift_.max_box_px, box.largest);
    drift_.max_score = std::max(drift_.max_score, score.largest);
    drift_.mean_box_px += box.sum;
    drift_.mean_score += score.sum;
    drift_.not_finite += box.not_finite + score.not_finite;
    box_values_ += box.values;
    score_values_ += score.values;
}

std::optional<RawDrift> RawComparison::result() const {
    if (!obstacle_.empty() || box_values_ + score_values_ + drift_.not_finite == 0) return std::nullopt;
    RawDrift drift = drift_;
    if (box_values_ > 0) drift.mean_box_px /= static_cast<double>(box_values_);
    if (score_values_ > 0) drift.mean_score /= static_cast<double>(score_values_);
    return drift;
}

}  // namespace yolovino::engine
