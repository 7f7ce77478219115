#include "metrics/confusion.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/fail.hpp"

namespace yolovino::metrics {

namespace {

constexpr float kOverlap = 0.45F;

/// The detection of each label; `detections.size()` where it has none.
using Partners = std::vector<std::size_t>;

struct Pair {
    float overlap;
    std::size_t truth;
    std::size_t detection;
};

/// By descending score, each detection takes the label that it overlaps most among those that are still free.
Partners pair_by_score(const ScoredImage& image, const Overlaps& overlaps, float conf) {
    const std::vector<Scored>& detections = image.detections;
    const std::vector<std::int32_t>& truths = image.truths;
    const std::size_t none = detections.size();
    Partners partners(truths.size(), none);
    std::vector<std::size_t> order(detections.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t d) { return detections[d].conf; });
    for (const std::size_t d : order) {
        if (!(detections[d].conf > conf)) continue;
        float best = kOverlap;
        std::size_t taken = truths.size();
        for (std::size_t t = 0; t < truths.size(); ++t) {
            if (partners[t] != none) continue;
            const float overlap = overlaps.at(d, t);
            if (!(overlap > best)) continue;
            best = overlap;
            taken = t;
        }
        if (taken < truths.size()) partners[taken] = d;
    }
    return partners;
}

/// By descending overlap, each detection keeps its best label, then each label the best of those that kept it.
Partners pair_by_overlap(const ScoredImage& image, const Overlaps& overlaps, float conf) {
    const std::vector<Scored>& detections = image.detections;
    const std::vector<std::int32_t>& truths = image.truths;
    std::vector<Pair> pairs;
    for (std::size_t t = 0; t < truths.size(); ++t) {
        for (std::size_t d = 0; d < detections.size(); ++d) {
            if (!(detections[d].conf > conf)) continue;
            const float overlap = overlaps.at(d, t);
            if (overlap > kOverlap) pairs.push_back({overlap, t, d});
        }
    }
    std::ranges::stable_sort(pairs, std::greater{}, &Pair::overlap);
    const std::size_t none = detections.size();
    std::vector<bool> used(detections.size(), false);
    Partners partners(truths.size(), none);
    for (const Pair& pair : pairs) {
        if (used[pair.detection]) continue;
        used[pair.detection] = true;
        if (partners[pair.truth] == none) partners[pair.truth] = pair.detection;
    }
    return partners;
}

}  // namespace

void ConfusionMatrix::add(std::span<const Detection> detections, std::span<const Truth> truths, float conf,
                          Protocol protocol) {
    ScoredImage image;
    for (const Detection& each : detections) image.detections.push_back({each.conf, each.cls, 0});
    for (const Truth& each : truths) image.truths.push_back(each.cls);
    add(image, overlaps_of(detections, truths), conf, protocol);
}

void ConfusionMatrix::add(const ScoredImage& image, const Overlaps& overlaps, float conf, Protocol protocol) {
    const std::vector<Scored>& detections = image.detections;
    const std::vector<std::int32_t>& truths = image.truths;
    const Partners partners =
        protocol == Protocol::Classic ? pair_by_overlap(image, overlaps, conf) : pair_by_score(image, overlaps, conf);
    const std::size_t background = side_ - 1;
    const auto count = [&](std::size_t predicted, std::size_t truth) { ++counts_.at(predicted * side_ + truth); };
    std::vector<bool> paired(detections.size(), false);
    for (std::size_t t = 0; t < truths.size(); ++t) {
        const bool found = partners[t] != detections.size();
        if (found) paired[partners[t]] = true;
        count(found ? static_cast<std::size_t>(detections[partners[t]].cls) : background,
              static_cast<std::size_t>(truths[t]));
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
