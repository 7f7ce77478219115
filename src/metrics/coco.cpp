#include "metrics/coco.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace yolovino::metrics {

namespace {

constexpr std::size_t kRecallPoints = 101;
constexpr std::array<std::size_t, 3> kRanks = {1, 10, kCocoDetections};

constexpr std::array<std::array<double, 2>, kAreas> kAreaRanges = {
    {{0, 1e10}, {0, 32.0 * 32.0}, {32.0 * 32.0, 96.0 * 96.0}, {96.0 * 96.0, 1e10}}};

bool outside(double area, std::size_t range) {
    return area < kAreaRanges[range][0] || area > kAreaRanges[range][1];
}

/// One image and category: detections by descending score, labels in the order of the file.
struct Group {
    std::vector<const CocoDetection*> detections;
    std::vector<const CocoTruth*> truths;
};

/// The greedy matching of one area range. The labels that count come first.
void match_range(const Group& group, const std::vector<double>& overlaps, std::size_t range, std::span<CocoMatch> out) {
    const std::size_t truths = group.truths.size();
    std::vector<bool> ignored(truths);
    for (std::size_t g = 0; g < truths; ++g) {
        const CocoTruth& truth = *group.truths[g];
        ignored[g] = truth.crowd || truth.ignored || outside(truth.area, range);
    }
    std::vector<std::size_t> order(truths);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(), [&](std::size_t g) { return !ignored[g]; });
    std::vector<std::uint16_t> taken(truths, 0);
    for (std::size_t t = 0; t < kThresholds; ++t) {
        // The thresholds as numpy's linspace computes them
        const double threshold = t + 1 == kThresholds ? 0.95 : 0.5 + static_cast<double>(t) * ((0.95 - 0.5) / 9);
        const auto bit = static_cast<std::uint16_t>(1U << t);
        for (std::size_t d = 0; d < group.detections.size(); ++d) {
            double best = std::min(threshold, 1 - 1e-10);
            std::size_t found = truths;
            for (const std::size_t g : order) {
                if ((taken[g] & bit) != 0 && !group.truths[g]->crowd) continue;
                if (found != truths && !ignored[found] && ignored[g]) break;
                if (overlaps[d * truths + g] < best) continue;
                best = overlaps[d * truths + g];
                found = g;
            }
            const CocoBox& box = group.detections[d]->box;
            const bool matched = found != truths;
            if (matched) {
                taken[found] = static_cast<std::uint16_t>(taken[found] | bit);
                out[d].matched[range] = static_cast<std::uint16_t>(out[d].matched[range] | bit);
            }
            if (matched ? ignored[found] : outside(box.width * box.height, range))
                out[d].ignored[range] = static_cast<std::uint16_t>(out[d].ignored[range] | bit);
        }
    }
}

/// What is compared: the spans that the groups point into.
struct Compared {
    std::span<const CocoDetection> detections;
    std::span<const CocoTruth> truths;
    std::size_t most;
    const CocoOverlap& overlap;
};

void match_group(Group& group, const Compared& compared, CocoImage& out) {
    std::ranges::stable_sort(group.detections, std::greater{}, &CocoDetection::score);
    if (group.detections.size() > compared.most) group.detections.resize(compared.most);
    std::vector<double> overlaps;
    overlaps.reserve(group.detections.size() * group.truths.size());
    for (const CocoDetection* detection : group.detections) {
        for (const CocoTruth* truth : group.truths) {
            overlaps.push_back(compared.overlap(static_cast<std::size_t>(detection - compared.detections.data()),
                                                static_cast<std::size_t>(truth - compared.truths.data())));
        }
    }
    const std::size_t first = out.matches.size();
    for (std::size_t d = 0; d < group.detections.size(); ++d) {
        CocoMatch match;
        match.score = group.detections[d]->score;
        match.category = group.detections[d]->category;
        match.rank = static_cast<std::uint8_t>(d);
        out.matches.push_back(match);
    }
    for (std::size_t range = 0; range < kAreas; ++range)
        match_range(group, overlaps, range, std::span(out.matches).subspan(first));
}

/// The detections of one category by descending score, and how many labels count in each range.
struct Category {
    std::vector<const CocoMatch*> matches;
    std::array<std::size_t, kAreas> truths{};
};

/// Mean of what is not -1.
class Mean {
public:
    void add(double value) {
        sum_ += value;
        ++count_;
    }
    double value() const { return count_ == 0 ? -1 : sum_ / static_cast<double>(count_); }

private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

struct Point {
    double recall = 0;         ///< at the last detection
    double precision_sum = 0;  ///< over the recall points
};

/// Recall over all areas if each image gives only its first detections.
double recall_of(const Category& category, std::size_t threshold, std::size_t ranks) {
    std::size_t hits = 0;
    for (const CocoMatch* match : category.matches) {
        const auto hit = match->matched[0] & ~match->ignored[0];
        if (match->rank < ranks) hits += static_cast<std::size_t>(hit >> threshold) & 1U;
    }
    return static_cast<double>(hits) / static_cast<double>(category.truths[0]);
}

/// Precision and recall of one category, range, and threshold.
Point measure(const Category& category, std::size_t range, std::size_t threshold) {
    const auto bit = static_cast<std::uint16_t>(1U << threshold);
    const auto truths = static_cast<double>(category.truths[range]);
    double hits = 0;
    double misses = 0;
    std::vector<double> recall;
    std::vector<double> precision;
    recall.reserve(category.matches.size());
    precision.reserve(category.matches.size());
    for (const CocoMatch* match : category.matches) {
        if ((match->ignored[range] & bit) == 0) {
            if ((match->matched[range] & bit) != 0) {
                ++hits;
            } else {
                ++misses;
            }
        }
        recall.push_back(hits / truths);
        precision.push_back(hits / (misses + hits + std::numeric_limits<double>::epsilon()));
    }
    for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
    Point point;
    point.recall = recall.empty() ? 0 : recall.back();
    auto at = recall.begin();
    for (std::size_t p = 0; p < kRecallPoints; ++p) {
        const double wanted = p + 1 == kRecallPoints ? 1.0 : static_cast<double>(p) * 0.01;
        at = std::lower_bound(at, recall.end(), wanted);
        if (at == recall.end()) break;
        point.precision_sum += precision[static_cast<std::size_t>(at - recall.begin())];
    }
    return point;
}

/// Means over the categories that have labels.
struct Means {
    std::array<Mean, kAreas> precision;
    std::array<Mean, kThresholds> precision_at;
    std::array<Mean, kAreas> recall;
    std::array<Mean, kThresholds> recall_at;
    std::array<Mean, kRanks.size()> recall_of_ranks;
};

std::map<int, Category> categories_of(std::span<const CocoImage* const> images) {
    std::map<int, Category> categories;
    for (const CocoImage* image : images) {
        for (const CocoMatch& match : image->matches) categories[match.category].matches.push_back(&match);
        for (const CocoCount& count : image->counts) {
            for (std::size_t range = 0; range < kAreas; ++range)
                categories[count.category].truths[range] += (count.areas >> range) & 1U;
        }
    }
    for (auto& [id, category] : categories)
        std::ranges::stable_sort(category.matches, std::greater{}, &CocoMatch::score);
    return categories;
}

Means means_of(std::span<const CocoImage* const> images) {
    Means means;
    for (const auto& [id, category] : categories_of(images)) {
        for (std::size_t range = 0; range < kAreas; ++range) {
            if (category.truths[range] == 0) continue;
            for (std::size_t t = 0; t < kThresholds; ++t) {
                const Point point = measure(category, range, t);
                means.precision[range].add(point.precision_sum / static_cast<double>(kRecallPoints));
                means.recall[range].add(point.recall);
                if (range != 0) continue;
                means.precision_at[t].add(point.precision_sum / static_cast<double>(kRecallPoints));
                means.recall_at[t].add(point.recall);
                for (std::size_t r = 0; r < kRanks.size(); ++r)
                    means.recall_of_ranks[r].add(recall_of(category, t, kRanks[r]));
            }
        }
    }
    return means;
}

}  // namespace

double coco_overlap(const CocoBox& detection, const CocoTruth& truth) {
    const CocoBox& box = truth.box;
    const double width = std::min(detection.x + detection.width, box.x + box.width) - std::max(detection.x, box.x);
    if (width <= 0) return 0;
    const double height = std::min(detection.y + detection.height, box.y + box.height) - std::max(detection.y, box.y);
    if (height <= 0) return 0;
    const double shared = width * height;
    const double area = detection.width * detection.height;
    return shared / (truth.crowd ? area : area + box.width * box.height - shared);
}

CocoImage match_coco(std::span<const CocoDetection> detections, std::span<const CocoTruth> truths) {
    return match_coco(detections, truths, kCocoDetections, [&](std::size_t detection, std::size_t truth) {
        return coco_overlap(detections[detection].box, truths[truth]);
    });
}

CocoImage match_coco(std::span<const CocoDetection> detections, std::span<const CocoTruth> truths, std::size_t most,
                     const CocoOverlap& overlap) {
    const Compared compared{detections, truths, most, overlap};
    std::map<int, Group> groups;
    for (const CocoDetection& detection : detections) groups[detection.category].detections.push_back(&detection);
    for (const CocoTruth& truth : truths) groups[truth.category].truths.push_back(&truth);
    CocoImage image;
    for (auto& [category, group] : groups) {
        match_group(group, compared, image);
        for (const CocoTruth* truth : group.truths) {
            CocoCount count{category, 0};
            for (std::size_t range = 0; range < kAreas; ++range) {
                if (!truth->crowd && !truth->ignored && !outside(truth->area, range))
                    count.areas = static_cast<std::uint8_t>(count.areas | (1U << range));
            }
            image.counts.push_back(count);
        }
    }
    return image;
}

CocoMetrics summarize_coco(std::span<const CocoImage* const> images) {
    const Means means = means_of(images);
    CocoMetrics numbers;
    numbers.ap = means.precision[0].value();
    numbers.ap50 = means.precision_at[0].value();
    numbers.ap75 = means.precision_at[5].value();
    numbers.ap_small = means.precision[1].value();
    numbers.ap_medium = means.precision[2].value();
    numbers.ap_large = means.precision[3].value();
    numbers.ar1 = means.recall_of_ranks[0].value();
    numbers.ar10 = means.recall_of_ranks[1].value();
    numbers.ar100 = means.recall_of_ranks[2].value();
    numbers.ar_small = means.recall[1].value();
    numbers.ar_medium = means.recall[2].value();
    numbers.ar_large = means.recall[3].value();
    return numbers;
}

CocoKeypointMetrics summarize_coco_keypoints(std::span<const CocoImage* const> images) {
    const Means means = means_of(images);
    CocoKeypointMetrics numbers;
    numbers.ap = means.precision[0].value();
    numbers.ap50 = means.precision_at[0].value();
    numbers.ap75 = means.precision_at[5].value();
    numbers.ap_medium = means.precision[2].value();
    numbers.ap_large = means.precision[3].value();
    numbers.ar = means.recall[0].value();
    numbers.ar50 = means.recall_at[0].value();
    numbers.ar75 = means.recall_at[5].value();
    numbers.ar_medium = means.recall[2].value();
    numbers.ar_large = means.recall[3].value();
    return numbers;
}

}  // namespace yolovino::metrics
