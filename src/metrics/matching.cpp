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

std::vector<std::uint16_t> match(std::span<const Detection> detections, std::span<const Truth> truths,
                                 Protocol protocol) {
    std::array<float, kThresholds> thresholds{};
    for (std::size_t t = 0; t < kThresholds; ++t) {
        thresholds[t] = static_cast<float>(0.5 + 0.05 * static_cast<double>(t));
    }
    std::vector<std::uint16_t> matched(detections.size(), 0);
    std::vector<std::uint16_t> taken(truths.size(), 0);   // bit t: the label has its detection
    std::vector<std::pair<float, std::size_t>> overlaps;  // of one detection, largest first
    for (std::size_t d = 0; d < detections.size(); ++d) {
        overlaps.clear();
        for (std::size_t l = 0; l < truths.size(); ++l) {
            if (truths[l].cls != detections[d].cls) continue;
            const float overlap = intersection_over_union(detections[d].box, truths[l].box);
            if (overlap >= thresholds.front()) overlaps.emplace_back(overlap, l);
        }
        std::ranges::stable_sort(overlaps, [](const auto& a, const auto& b) { return a.first > b.first; });
        if (protocol == Protocol::Classic && overlaps.size() > 1) overlaps.resize(1);
        for (std::size_t t = 0; t < kThresholds; ++t) {
            const auto bit = static_cast<std::uint16_t>(1U << t);
            const auto free = std::ranges::find_if(overlaps, [&](const auto& each) {
                return each.first < thresholds[t] || (taken[each.second] & bit) == 0;
            });
            if (free == overlaps.end() || free->first < thresholds[t]) continue;
            taken[free->second] = static_cast<std::uint16_t>(taken[free->second] | bit);
            matched[d] = static_cast<std::uint16_t>(matched[d] | bit);
        }
    }
    return matched;
}

}  // namespace yolovino::metrics
