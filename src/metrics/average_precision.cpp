#include "metrics/average_precision.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace yolovino::metrics {

namespace {

constexpr std::size_t kRecallPoints = 101;
constexpr double kEpsilon = 1e-16;

/// Point i of n points evenly over 0 to 1.
double position(std::size_t i, std::size_t n) {
    return i + 1 == n ? 1.0 : static_cast<double>(i) * (1.0 / static_cast<double>(n - 1));
}

/// Linear interpolation through ascending points, as numpy's interp: of equal positions the last counts.
double interpolate(double x, std::span<const double> xs, std::span<const double> ys, double left) {
    const auto after = std::upper_bound(xs.begin(), xs.end(), x);
    if (after == xs.begin()) return left;
    const auto j = static_cast<std::size_t>(after - xs.begin()) - 1;
    if (j + 1 == xs.size() || xs[j] == x) return ys[j];
    return (ys[j + 1] - ys[j]) / (xs[j + 1] - xs[j]) * (x - xs[j]) + ys[j];
}

/// The precision envelope over recall, with the ends that the protocol adds.
struct Envelope {
    std::vector<double> recall;
    std::vector<double> precision;

    Envelope(std::span<const double> recalls, std::span<const double> precisions, Protocol protocol) {
        recall.reserve(recalls.size() + 3);
        precision.reserve(recalls.size() + 3);
        recall.push_back(0);
        recall.insert(recall.end(), recalls.begin(), recalls.end());
        precision.push_back(1);
        precision.insert(precision.end(), precisions.begin(), precisions.end());
        if (protocol == Protocol::Ultralytics) {
            recall.push_back(recalls.empty() ? 1 : recalls.back());
            precision.push_back(0);
        }
        recall.push_back(1);
        precision.push_back(0);
        for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
    }

    double at(double x) const { return interpolate(x, recall, precision, precision.front()); }

    double area() const {
        double sum = 0;
        double before = at(0);
        for (std::size_t i = 1; i < kRecallPoints; ++i) {
            const double here = at(position(i, kRecallPoints));
            sum += (position(i, kRecallPoints) - position(i - 1, kRecallPoints)) * (here + before) / 2;
            before = here;
        }
        return sum;
    }
};

/// The detections of one class by descending score.
struct Ranked {
    std::vector<const Scored*> detections;
    std::size_t instances = 0;
    std::size_t images = 0;
};

void cumulate(const Ranked& ranked, std::size_t threshold, std::vector<double>& recall,
              std::vector<double>& precision) {
    recall.clear();
    precision.clear();
    double hits = 0;
    double seen = 0;
    for (const Scored* detection : ranked.detections) {
        hits += (detection->matched >> threshold) & 1U;
        seen += 1;
        recall.push_back(hits / (static_cast<double>(ranked.instances) + kEpsilon));
        precision.push_back(hits / seen);
    }
}

ClassScore score_class(int cls, const Ranked& ranked, Protocol protocol) {
    ClassScore out;
    out.cls = cls;
    out.images = ranked.images;
    out.instances = ranked.instances;
    for (Curve* curve : {&out.precision_curve, &out.recall_curve, &out.f1_curve, &out.pr_curve})
        curve->assign(kCurvePoints, 0.0);
    if (ranked.detections.empty()) return out;
    std::vector<double> recall;
    std::vector<double> precision;
    for (std::size_t t = 0; t < kThresholds; ++t) {
        cumulate(ranked, t, recall, precision);
        const Envelope envelope(recall, precision, protocol);
        out.ap[t] = envelope.area();
        if (t != 0) continue;
        std::vector<double> negated;
        for (const Scored* detection : ranked.detections) negated.push_back(-static_cast<double>(detection->conf));
        for (std::size_t i = 0; i < kCurvePoints; ++i) {
            const double x = position(i, kCurvePoints);
            const double r = interpolate(-x, negated, recall, 0);
            const double p = interpolate(-x, negated, precision, 1);
            out.recall_curve[i] = r;
            out.precision_curve[i] = p;
            out.f1_curve[i] = 2 * p * r / (p + r + kEpsilon);
            out.pr_curve[i] = envelope.at(x);
        }
    }
    return out;
}

/// Where the curve, smoothed by a box over a tenth of it, is highest.
std::size_t best_of(const Curve& curve) {
    constexpr std::size_t kHalf = kCurvePoints / 20;
    std::vector<double> padded(kHalf, curve.front());
    padded.insert(padded.end(), curve.begin(), curve.end());
    padded.insert(padded.end(), kHalf, curve.back());
    constexpr std::size_t kTaps = 2 * kHalf + 1;
    std::size_t best = 0;
    double highest = -1;
    for (std::size_t i = 0; i < curve.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < kTaps; ++k) sum += padded[i + k] / static_cast<double>(kTaps);
        if (sum > highest) {
            highest = sum;
            best = i;
        }
    }
    return best;
}

std::map<int, Ranked> rank(std::span<const ScoredImage* const> images) {
    std::map<int, Ranked> classes;
    std::vector<std::int32_t> sorted;
    for (const ScoredImage* image : images) {
        for (const Scored& detection : image->detections) classes[detection.cls].detections.push_back(&detection);
        sorted = image->truths;
        std::ranges::sort(sorted);
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            Ranked& ranked = classes[sorted[i]];
            ++ranked.instances;
            if (i == 0 || sorted[i - 1] != sorted[i]) ++ranked.images;
        }
    }
    std::erase_if(classes, [](const auto& entry) { return entry.second.instances == 0; });
    for (auto& [cls, ranked] : classes) std::ranges::stable_sort(ranked.detections, std::greater{}, &Scored::conf);
    return classes;
}

}  // namespace

double ClassScore::ap50_95() const {
    return std::accumulate(ap.begin(), ap.end(), 0.0) / static_cast<double>(kThresholds);
}

double average_precision(std::span<const double> recall, std::span<const double> precision, Protocol protocol) {
    return Envelope(recall, precision, protocol).area();
}

Score score(std::span<const ScoredImage* const> images, Protocol protocol) {
    Score out;
    for (const auto& [cls, ranked] : rank(images)) out.classes.push_back(score_class(cls, ranked, protocol));
    if (out.classes.empty()) return out;
    const auto count = static_cast<double>(out.classes.size());
    Curve mean_f1(kCurvePoints, 0.0);
    for (const ClassScore& each : out.classes) {
        for (std::size_t i = 0; i < kCurvePoints; ++i) mean_f1[i] += each.f1_curve[i] / count;
    }
    const std::size_t best = best_of(mean_f1);
    out.best_conf = position(best, kCurvePoints);
    for (ClassScore& each : out.classes) {
        each.precision = each.precision_curve[best];
        each.recall = each.recall_curve[best];
        each.f1 = each.f1_curve[best];
        out.precision += each.precision / count;
        out.recall += each.recall / count;
        out.map50 += each.ap50() / count;
        out.map75 += each.ap75() / count;
        out.map += each.ap50_95() / count;
    }
    out.fitness = protocol == Protocol::Classic ? 0.1 * out.map50 + 0.9 * out.map : out.map;
    return out;
}

}  // namespace yolovino::metrics
