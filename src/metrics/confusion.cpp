#include "metrics/confusion.hpp"

#include <algorithm>

#include "base/fail.hpp"

namespace yolovino::metrics {

namespace {

struct Pair {
    float overlap;
    std::size_t truth;
    std::size_t detection;
};

}  // namespace

void ConfusionMatrix::add(std::span<const Detection> detections, std::span<const Truth> truths, float conf) {
    constexpr float kOverlap = 0.45F;
    std::vector<Pair> pairs;
    for (std::size_t t = 0; t < truths.size(); ++t) {
        for (std::size_t d = 0; d < detections.size(); ++d) {
            if (!(detections[d].conf > conf)) continue;
            const float overlap = intersection_over_union(truths[t].box, detections[d].box);
            if (overlap > kOverlap) pairs.push_back({overlap, t, d});
        }
    }
    std::ranges::stable_sort(pairs, std::greater{}, &Pair::overlap);
    // First each detection keeps its best label, then each label the best of the detections that kept it.
    const std::size_t none = detections.size();
    std::vector<bool> used(detections.size(), false);
    std::vector<std::size_t> partner(truths.size(), none);
    std::vector<bool> paired(detections.size(), false);
    for (const Pair& pair : pairs) {
        if (used[pair.detection]) continue;
        used[pair.detection] = true;
        if (partner[pair.truth] != none) continue;
        partner[pair.truth] = pair.detection;
        paired[pair.detection] = true;
    }
    const std::size_t background = side_ - 1;
    const auto count = [&](std::size_t predicted, std::size_t truth) { ++counts_.at(predicted * side_ + truth); };
    for (std::size_t t = 0; t < truths.size(); ++t) {
        const bool found = partner[t] != none;
        count(found ? static_cast<std::size_t>(detections[partner[t]].cls) : background,
              static_cast<std::size_t>(truths[t].cls));
    }
    for (std::size_t d = 0; d < detections.size(); ++d) {
        if (detections[d].conf > conf && !paired[d]) count(static_cast<std::size_t>(detections[d].cls), background);
    }
}

void ConfusionMatrix::add(const ConfusionMatrix& other) {
    if (other.side_ != side_)
        throw Error(ErrorCode::ShapeMismatch, "metrics", "confusion matrices of different sizes cannot be added");
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

}  // namespace yolovino::metrics
