#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/matching.hpp"

namespace yolovino::metrics {

/// Counts of predicted against true classes; the last row and column are the background.
class ConfusionMatrix {
public:
    ConfusionMatrix() = default;
    explicit ConfusionMatrix(std::size_t classes) : side_(classes + 1), counts_(side_ * side_, 0) {}

    /// Adds one image. Only detections above `conf` count; boxes that overlap more than 0.45 belong together, whatever
    /// their classes: by descending score each detection takes its best free label (Ultralytics), or the largest
    /// overlaps come first (Classic).
    void add(std::span<const Detection> detections, std::span<const Truth> truths, float conf,
             Protocol protocol = Protocol::Ultralytics);
    /// The same for what overlaps in another way than boxes do.
    void add(const ScoredImage& image, const Overlaps& overlaps, float conf, Protocol protocol);
    /// Adds the counts of another matrix of the same size.
    void add(const ConfusionMatrix& other);

    /// Number of classes and one more.
    std::size_t side() const noexcept { return side_; }
    std::uint64_t at(std::size_t predicted, std::size_t truth) const { return counts_.at(predicted * side_ + truth); }
    std::span<const std::uint64_t> counts() const noexcept { return counts_; }
    std::span<std::uint64_t> counts() noexcept { return counts_; }

    friend bool operator==(const ConfusionMatrix&, const ConfusionMatrix&) = default;

private:
    std::size_t side_ = 0;
    std::vector<std::uint64_t> counts_;  // row: predicted, column: true
};

}  // namespace yolovino::metrics
