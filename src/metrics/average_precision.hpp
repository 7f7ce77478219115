#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/matching.hpp"

namespace yolovino::metrics {

/// Number of points of a curve, over 0 to 1.
inline constexpr std::size_t kCurvePoints = 1000;
using Curve = std::vector<double>;

/// One class that has labels.
struct ClassScore {
    int cls = 0;
    std::size_t images = 0;  ///< that hold it
    std::size_t instances = 0;
    double precision = 0;  ///< where the mean F1 is best, as are the next two
    double recall = 0;
    double f1 = 0;
    std::array<double, kThresholds> ap{};  ///< per threshold 0.50, 0.55, … 0.95
    Curve precision_curve;                 ///< over confidence
    Curve recall_curve;                    ///< over confidence
    Curve f1_curve;                        ///< over confidence
    Curve pr_curve;                        ///< precision over recall, at IoU 0.50

    double ap50() const { return ap[0]; }
    double ap75() const { return ap[5]; }
    double ap50_95() const;  ///< mean of ap
};

/// Means over the classes that have labels.
struct Score {
    std::vector<ClassScore> classes;  ///< by id
    double precision = 0;
    double recall = 0;
    double map50 = 0;
    double map75 = 0;
    double map = 0;  ///< mAP50-95
    double fitness = 0;
    double best_conf = 0;  ///< where the mean F1 is best
};

/// Area under the precision envelope, sampled at 101 recalls.
/// @param recall    ascending, one point per detection; precision likewise; not empty
double average_precision(std::span<const double> recall, std::span<const double> precision, Protocol protocol);

/// @param images in their order, which decides among equal scores
Score score(std::span<const ScoredImage* const> images, Protocol protocol);

}  // namespace yolovino::metrics
