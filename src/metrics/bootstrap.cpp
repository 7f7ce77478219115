#include "metrics/bootstrap.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace yolovino::metrics {

namespace {

/// One class over all images: its detections by descending score, and its labels.
struct ClassPool {
    struct Entry {
        float conf = 0;
        std::uint16_t matched = 0;
        std::uint32_t image = 0;
    };
    std::vector<Entry> detections;
    std::vector<std::uint32_t> truths;  ///< image of each label
};

std::map<int, ClassPool> pool(std::span<const ScoredImage* const> images) {
    std::map<int, ClassPool> classes;
    for (std::uint32_t i = 0; i < images.size(); ++i) {
        for (const Scored& each : images[i]->detections)
            classes[each.cls].detections.push_back({each.conf, each.matched, i});
        for (const std::int32_t cls : images[i]->truths) classes[cls].truths.push_back(i);
    }
    std::erase_if(classes, [](const auto& entry) { return entry.second.truths.empty(); });
    for (auto& [cls, each] : classes)
        std::ranges::stable_sort(each.detections, std::greater{}, &ClassPool::Entry::conf);
    return classes;
}

/// mAP50-95 when image i was drawn `times[i]` times.
double weighted_map(const std::map<int, ClassPool>& classes, const std::vector<std::uint32_t>& times,
                    Protocol protocol) {
    double sum = 0;
    std::size_t counted = 0;
    std::vector<double> recall;
    std::vector<double> precision;
    for (const auto& [cls, each] : classes) {
        double instances = 0;
        for (const std::uint32_t image : each.truths) instances += times[image];
        if (instances == 0) continue;
        ++counted;
        for (std::size_t t = 0; t < kThresholds; ++t) {
            recall.clear();
            precision.clear();
            double hits = 0;
            double seen = 0;
            for (const ClassPool::Entry& detection : each.detections) {
                const double weight = times[detection.image];
                if (weight == 0) continue;
                hits += weight * ((detection.matched >> t) & 1U);
                seen += weight;
                recall.push_back(hits / instances);
                precision.push_back(hits / seen);
            }
            if (!recall.empty()) sum += average_precision(recall, precision, protocol) / kThresholds;
        }
    }
    return counted == 0 ? 0 : sum / static_cast<double>(counted);
}

/// The middle 95 %.
Interval interval_of(std::vector<double>& results) {
    std::ranges::sort(results);
    const auto at = [&](double share) {
        return results[static_cast<std::size_t>(share * static_cast<double>(results.size() - 1))];
    };
    return {at(0.025), at(0.975)};
}

}  // namespace

Interval bootstrap_map(std::span<const ScoredImage* const> images, Protocol protocol, int samples, std::uint32_t seed) {
    if (images.empty() || samples < 1) return {};
    const std::map<int, ClassPool> classes = pool(images);
    std::mt19937 random(seed);
    std::vector<double> results;
    std::vector<std::uint32_t> times(images.size());
    for (int i = 0; i < samples; ++i) {
        std::ranges::fill(times, 0U);
        // The standard fixes the generator's sequence but not its distributions; the rest of a division will do.
        for (std::size_t drawn = 0; drawn < images.size(); ++drawn) ++times[random() % images.size()];
        results.push_back(weighted_map(classes, times, protocol));
    }
    return interval_of(results);
}

Interval bootstrap_mean(std::span<const double> values, int samples, std::uint32_t seed) {
    if (values.empty() || samples < 1) return {};
    std::mt19937 random(seed);
    std::vector<double> results;
    for (int i = 0; i < samples; ++i) {
        double sum = 0;
        for (std::size_t drawn = 0; drawn < values.size(); ++drawn) sum += values[random() % values.size()];
        results.push_back(sum / static_cast<double>(values.size()));
    }
    return interval_of(results);
}

}  // namespace yolovino::metrics
