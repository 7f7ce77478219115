#include "tasks/difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

#include "metrics/probiou.hpp"

namespace yolovino::tasks {

namespace {

constexpr double kMatchIou = 0.5;

/// Indices of objects that stand for each other, and of those that none stands for.
struct Pairing {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    std::vector<std::size_t> only_first;
    std::vector<std::size_t> only_second;
};

/// @param overlap of an object of the first with one of the second; 0 for different classes
template <typename Overlap>
Pairing pair_objects(std::size_t first, std::size_t second, const Overlap& overlap) {
    Pairing pairing;
    std::vector<char> used(second, 0);
    for (std::size_t i = 0; i < first; ++i) {
        std::size_t best = second;
        double best_iou = kMatchIou;
        for (std::size_t j = 0; j < second; ++j) {
            const double iou = used[j] != 0 ? 0 : overlap(i, j);
            if (iou < best_iou) continue;
            best = j;
            best_iou = iou;
        }
        if (best == second) {
            pairing.only_first.push_back(i);
        } else {
            used[best] = 1;
            pairing.pairs.emplace_back(i, best);
        }
    }
    for (std::size_t j = 0; j < second; ++j) {
        if (used[j] == 0) pairing.only_second.push_back(j);
    }
    return pairing;
}

double overlap_of(const Box& a, const Box& b) {
    const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
    const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (a.cls != b.cls || width <= 0 || height <= 0) return 0;
    const auto area = [](const Box& box) { return static_cast<double>(box.x2 - box.x1) * (box.y2 - box.y1); };
    return width * height / (area(a) + area(b) - width * height);
}

double distance_px(const Box& a, const Box& b) {
    return std::max({std::abs(a.x1 - b.x1), std::abs(a.y1 - b.y1), std::abs(a.x2 - b.x2), std::abs(a.y2 - b.y2)});
}

double distance_px(const Point& a, const Point& b) {
    return std::hypot(static_cast<double>(a.x) - b.x, static_cast<double>(a.y) - b.y);
}

/// Nothing for masks on grids of different sizes.
std::optional<double> mask_iou(const Results& first, std::size_t i, const Results& second, std::size_t j) {
    if (!first.masks || !second.masks || first.masks->shape != second.masks->shape) return std::nullopt;
    const std::vector<std::uint8_t> one = first.masks->data(i);
    const std::vector<std::uint8_t> other = second.masks->data(j);
    std::size_t both = 0;
    std::size_t either = 0;
    for (std::size_t p = 0; p < one.size(); ++p) {
        both += one[p] & other[p];
        either += one[p] | other[p];
    }
    return either == 0 ? 1 : static_cast<double>(both) / static_cast<double>(either);
}

std::optional<double> keypoint_px(const Results& first, std::size_t i, const Results& second, std::size_t j) {
    if (!first.keypoints || !second.keypoints || first.keypoints->shape != second.keypoints->shape) return std::nullopt;
    const std::vector<Point> one = first.keypoints->xy(i);
    const std::vector<Point> other = second.keypoints->xy(j);
    double largest = 0;
    for (std::size_t k = 0; k < one.size(); ++k) largest = std::max(largest, distance_px(one[k], other[k]));
    return largest;
}

template <typename Object>
void add_rest(const std::vector<Object>& objects, const std::vector<std::size_t>& rest, double conf,
              std::vector<double>& out) {
    for (const std::size_t i : rest) out.push_back(static_cast<double>(objects[i].conf) - conf);
}

ResultDifference difference_of_boxes(const Results& first, const Results& second, double conf) {
    ResultDifference out;
    const Pairing pairing = pair_objects(first.boxes.size(), second.boxes.size(), [&](std::size_t i, std::size_t j) {
        return overlap_of(first.boxes[i], second.boxes[j]);
    });
    for (const auto& [i, j] : pairing.pairs) {
        const Box& a = first.boxes[i];
        const Box& b = second.boxes[j];
        out.matched.push_back({.box_px = distance_px(a, b),
                               .score = std::abs(static_cast<double>(a.conf) - b.conf),
                               .mask_iou = mask_iou(first, i, second, j),
                               .keypoint_px = keypoint_px(first, i, second, j),
                               .angle_deg = {}});
    }
    add_rest(first.boxes, pairing.only_first, conf, out.only_first);
    add_rest(second.boxes, pairing.only_second, conf, out.only_second);
    return out;
}

/// In degrees, the smallest over the turns that leave a box as it is. A quarter turn with the exchange of its sides
/// does; of a box that is nearly square any quarter turn, since the longer side comes first, which noise decides.
double angle_deg(const RotatedBox& a, const RotatedBox& b) {
    constexpr double kHalfTurn = 180;
    constexpr double kQuarterTurn = 90;
    constexpr double kNearlySquare = 0.1;  // how much longer one side is than the other
    const double turned = (static_cast<double>(a.angle) - b.angle) * kHalfTurn / std::numbers::pi;
    const double as_it_is = std::abs(std::remainder(turned, kHalfTurn));
    const double exchanged = std::abs(std::remainder(turned + kQuarterTurn, kHalfTurn));
    const double sides = std::abs(a.width - b.width) + std::abs(a.height - b.height);
    const double crossed = std::abs(a.width - b.height) + std::abs(a.height - b.width);
    const double mean_size = (a.width + a.height + b.width + b.height) / 4;
    if (std::abs(sides - crossed) <= 2 * kNearlySquare * mean_size) return std::min(as_it_is, exchanged);
    return crossed < sides ? exchanged : as_it_is;
}

/// The largest distance of a corner, with the order of the corners that gives the least.
double distance_px(const RotatedBox& a, const RotatedBox& b) {
    const std::array<Point, 4> one = a.corners();
    const std::array<Point, 4> other = b.corners();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t shift = 0; shift < one.size(); ++shift) {
        double largest = 0;
        for (std::size_t k = 0; k < one.size(); ++k)
            largest = std::max(largest, distance_px(one[k], other[(k + shift) % other.size()]));
        least = std::min(least, largest);
    }
    return least;
}

double overlap_of(const RotatedBox& a, const RotatedBox& b) {
    if (a.cls != b.cls) return 0;
    return metrics::probiou(metrics::gaussian_of(a), metrics::gaussian_of(b));
}

ResultDifference difference_of_rotated(const std::vector<RotatedBox>& first, const std::vector<RotatedBox>& second,
                                       double conf) {
    ResultDifference out;
    const Pairing pairing = pair_objects(first.size(), second.size(),
                                         [&](std::size_t i, std::size_t j) { return overlap_of(first[i], second[j]); });
    for (const auto& [i, j] : pairing.pairs) {
        out.matched.push_back({.box_px = distance_px(first[i], second[j]),
                               .score = std::abs(static_cast<double>(first[i].conf) - second[j].conf),
                               .mask_iou = {},
                               .keypoint_px = {},
                               .angle_deg = angle_deg(first[i], second[j])});
    }
    add_rest(first, pairing.only_first, conf, out.only_first);
    add_rest(second, pairing.only_second, conf, out.only_second);
    return out;
}

ResultDifference difference_of_probabilities(const Probs& first, const Probs& second) {
    ResultDifference out;
    if (first.data.empty() || first.data.size() != second.data.size()) return out;
    double largest = 0;
    for (std::size_t cls = 0; cls < first.data.size(); ++cls)
        largest = std::max(largest, std::abs(static_cast<double>(first.data[cls]) - second.data[cls]));
    out.probability = largest;
    const int one = first.top1();
    const int other = second.top1();
    const auto at = [](const Probs& probs, int cls) {
        return static_cast<double>(probs.data[static_cast<std::size_t>(cls)]);
    };
    if (one != other) {
        out.only_first.push_back(at(first, one) - at(first, other));
        out.only_second.push_back(at(second, other) - at(second, one));
        return out;
    }
    out.matched.emplace_back().score = largest;
    return out;
}

}  // namespace

ResultDifference difference(const Results& first, const Results& second, double conf) {
    if (first.probs && second.probs) return difference_of_probabilities(*first.probs, *second.probs);
    if (first.obb && second.obb) return difference_of_rotated(*first.obb, *second.obb, conf);
    return difference_of_boxes(first, second, conf);
}

}  // namespace yolovino::tasks
