#include "tasks/obb/suppress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace yolovino::tasks {

namespace {

constexpr std::size_t kRun = 64;  // better candidates that are looked at together

/// Candidates of one group by descending score, number by number.
struct Group {
    std::vector<std::size_t> index;  ///< in the list of all
    std::vector<float> cx;
    std::vector<float> cy;
    std::vector<float> xx;
    std::vector<float> yy;
    std::vector<float> xy;
    std::vector<float> area;  ///< square root of the covariance's determinant; NaN if the bound does not hold for it

    void clear() {
        index.clear();
        for (std::vector<float>* each : {&cx, &cy, &xx, &yy, &xy, &area}) each->clear();
    }
    void add(std::size_t at, const metrics::Gaussian& box, float root) {
        index.push_back(at);
        cx.push_back(box.cx);
        cy.push_back(box.cy);
        xx.push_back(box.xx);
        yy.push_back(box.yy);
        xy.push_back(box.xy);
        area.push_back(root);
    }
};

/// The square root of the determinant, if the arithmetic of f32 keeps at least three digits of it, of that of any sum
/// of two such matrices, and of the distance, and if the epsilons of the formula change nothing in them; else NaN.
float usable_area(const metrics::Gaussian& box) {
    constexpr float kLargest = 1e7F;    // of a covariance: boxes of 11,000 px; products stay finite
    constexpr float kFarthest = 1e6F;   // of a coordinate
    constexpr float kSmallest = 1e-3F;  // of a determinant: boxes of 0.4 px²
    constexpr float kRoundest = 1e-3F;  // determinant by the product of its diagonal; 1 without rotation
    const float product = box.xx * box.yy;
    const float determinant = product - box.xy * box.xy;
    const bool usable = box.xx < kLargest && box.yy < kLargest && std::abs(box.cx) < kFarthest &&
                        std::abs(box.cy) < kFarthest && determinant > kSmallest && determinant > kRoundest * product;
    return usable ? std::sqrt(determinant) : std::numeric_limits<float>::quiet_NaN();
}

/// From which Bhattacharyya distance on the formula gives no more than `iou`, with a margin that is ten times what
/// rounding can do to it.
float suppressing_distance(float iou) {
    constexpr double kNothingOverlaps = 20;  // from here on 1 - exp(-distance) is 1 in f32
    const double hellinger = 1.0 - static_cast<double>(iou);
    const double exact = iou < 0.01F ? kNothingOverlaps : -std::log(1.0 - hellinger * hellinger);
    return static_cast<float>(std::max(exact, 0.0) * 1.01 + 0.005);
}

/// Marks with 0 those from `first` on that certainly do not overlap `j` by more than the threshold. The distance is
/// t + ln(x) / 2 with t = N / 4D and x = D / S, where D is the determinant of the sum of both matrices and S four times
/// the product of their areas. x is at least 1, so that ln(x) / 2 is at least (x - 1) / (x + 1), which needs no
/// logarithm. NaN, the mark of unusable boxes, makes the comparison false.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void mark_near(const Group& group, std::size_t first, std::size_t count, std::size_t j, float distance,
               std::int32_t* __restrict near) {
    const float* cx = group.cx.data() + first;
    const float* cy = group.cy.data() + first;
    const float* xx = group.xx.data() + first;
    const float* yy = group.yy.data() + first;
    const float* xy = group.xy.data() + first;
    const float* area = group.area.data() + first;
    const float own_cx = group.cx[j];
    const float own_cy = group.cy[j];
    const float own_xx = group.xx[j];
    const float own_yy = group.yy[j];
    const float own_xy = group.xy[j];
    const float own_area = 4 * group.area[j];
    for (std::size_t i = 0; i < count; ++i) {
        const float dx = cx[i] - own_cx;
        const float dy = cy[i] - own_cy;
        const float sum_xx = xx[i] + own_xx;
        const float sum_yy = yy[i] + own_yy;
        const float sum_xy = xy[i] + own_xy;
        const float d = sum_xx * sum_yy - sum_xy * sum_xy;
        const float s = area[i] * own_area;
        const float n = sum_xx * (dy * dy) + sum_yy * (dx * dx) - 2 * sum_xy * dx * dy;
        const bool far = 0.25F * n * (d + s) + d * (d - s) > distance * d * (d + s);
        near[i] = far ? 0 : 1;
    }
}

bool is_suppressed(const Group& group, std::span<const RotatedCandidate> sorted, std::size_t j, float iou,
                   float distance) {
    std::array<std::int32_t, kRun> near;
    const metrics::Gaussian& own = sorted[group.index[j]].box;
    for (std::size_t first = 0; first < j; first += kRun) {
        const std::size_t count = std::min(kRun, j - first);
        mark_near(group, first, count, j, distance, near.data());
        for (std::size_t i = 0; i < count; ++i) {
            if (near[i] != 0 && metrics::probiou(sorted[group.index[first + i]].box, own) > iou) return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::size_t> unsuppressed(std::span<const RotatedCandidate> sorted, float iou, std::size_t most) {
    std::vector<std::size_t> order(sorted.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return sorted[i].group; });
    const float distance = suppressing_distance(iou);
    std::vector<std::size_t> kept;
    thread_local Group group;
    for (std::size_t first = 0; first < order.size();) {
        group.clear();
        const int id = sorted[order[first]].group;
        for (; first < order.size() && sorted[order[first]].group == id; ++first)
            group.add(order[first], sorted[order[first]].box, usable_area(sorted[order[first]].box));
        // Of a group no more than `most` can be among the first of all
        std::size_t found = 0;
        for (std::size_t j = 0; j < group.index.size() && found < most; ++j) {
            if (is_suppressed(group, sorted, j, iou, distance)) continue;
            kept.push_back(group.index[j]);
            ++found;
        }
    }
    std::ranges::sort(kept);
    if (kept.size() > most) kept.resize(most);
    return kept;
}

}  // namespace yolovino::tasks
