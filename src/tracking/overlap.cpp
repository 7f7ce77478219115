#include "tracking/overlap.hpp"

#include <algorithm>
#include <cstddef>

namespace yolovino::tracking {

namespace {

constexpr float kEpsilon = 1e-7F;

float area_of(const Corners& box) {
    return (box.x2 - box.x1) * (box.y2 - box.y1);
}

float overlap(const Corners& a, float area_a, const Corners& b, float area_b) {
    const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
    const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (!(width > 0 && height > 0)) return 0;
    const float shared = width * height;
    return shared / (area_b + area_a - shared + kEpsilon);
}

}  // namespace

CostMatrix overlaps(std::span<const Corners> tracks, std::span<const Corners> detections) {
    CostMatrix out(tracks.size(), detections.size());
    std::vector<float> areas(detections.size());
    std::ranges::transform(detections, areas.begin(), area_of);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const float area = area_of(tracks[i]);
        const std::span<float> row = out.row(i);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = overlap(tracks[i], area, detections[j], areas[j]);
    }
    return out;
}

CostMatrix overlap_costs(std::span<const Corners> tracks, std::span<const Corners> detections) {
    CostMatrix out = overlaps(tracks, detections);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (float& each : out.row(i)) each = 1 - each;
    }
    return out;
}

CostMatrix overlap_costs(std::span<const metrics::Gaussian> tracks, std::span<const metrics::Gaussian> detections) {
    CostMatrix out(tracks.size(), detections.size());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const std::span<float> row = out.row(i);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = 1 - metrics::probiou(tracks[i], detections[j]);
    }
    return out;
}

void fuse_scores(CostMatrix& costs, std::span<const float> scores) {
    for (std::size_t i = 0; i < costs.rows(); ++i) {
        const std::span<float> row = costs.row(i);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = 1 - (1 - row[j]) * scores[j];
    }
}

}  // namespace yolovino::tracking
