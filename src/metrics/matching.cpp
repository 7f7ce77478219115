#include "metrics/matching.hpp"

#include <algorithm>
#include <utility>

namespace yolovino::metrics {

float intersection_over_union(const Rect& a, const Rect& b) {
    constexpr float kEpsilon = 1e-7F;
    const float width = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1), 0.0F);
    const float height = std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1), 0.0F);
    const float shared = width * height;
    const float area_a = (a.x2 - a.x1) * (a.y2 - a.y1);
    const float area_b = (b.x2 - b.x1) * (b.y2 - b.y1);
    return shared / (area_a + area_b - shared + kEpsilon);
}

Overlaps overlaps_of(std::span<const Detection> detections, std::span<const Truth> truths) {
    Overlaps overlaps(detections.size(), truths.size());
    for (std::size_t d = 0; d < detections.size(); ++d) {
        for (std::size_t t = 0; t < truths.size(); ++t)
            overlaps.at(d, t) = intersection_over_union(detections[d].box, truths[t].box);
    }
    return overlaps;
}

void match(ScoredImage& image, const Overlaps& overlaps, Protocol protocol) {
    std::array<float, kThresholds> thresholds{};
    for (std::size_t t = 0; t < kThresholds; ++t) {
        thresholds[t] = static_cast<float>(0.5 + 0.05 * static_cast<double>(t));
    }
    const std::vector<std::int32_t>& truths = image.truths;
    std::vector<std::uint16_t> taken(truths.size(), 0);  // bit t: the label has its detection
    std::vector<std::pair<float, std::size_t>> best;     // overlaps of one detection, largest first
    for (std::size_t d = 0; d < image.detections.size(); ++d) {
        Scored& detection = image.detections[d];
        detection.matched = 0;
        best.clear();
        for (std::size_t l = 0; l < truths.size(); ++l) {
            if (truths[l] != detection.cls) continue;
            const float overlap = overlaps.at(d, l);
            if (overlap >= thresholds.front()) best.emplace_back(overlap, l);
        }
        std::ranges::stable_sort(best, [](const auto& a, const auto& b) { return a.first > b.first; });
        if (protocol == Protocol::Classic && best.size() > 1) best.resize(1);
        for (std::size_t t = 0; t < kThresholds; ++t) {
            const auto bit = static_cast<std::uint16_t>(1U << t);
            const auto free = std::ranges::find_if(
                best, [&](const auto& each) { return each.first < thresholds[t] || (taken[each.second] & bit) == 0; });
            if (free == best.end() || free->first < thresholds[t]) continue;
            taken[free->second] = static_cast<std::uint16_t>(taken[free->second] | bit);
            detection.matched = static_cast<std::uint16_t>(detection.matched | bit);
        }
    }
}

std::vector<std::uint16_t> match(std::span<const Detection> detections, std::span<const Truth> truths,
                                 Protocol protocol) {
    ScoredImage image;
    for (const Detection& each : detections) image.detections.push_back({each.conf, each.cls, 0});
    for (const Truth& each : truths) image.truths.push_back(each.cls);
    match(image, overlaps_of(detections, truths), protocol);
    std::vector<std::uint16_t> matched;
    for (const Scored& each : image.detections) matched.push_back(each.matched);
    return matched;
}

}  // namespace yolovino::metrics
