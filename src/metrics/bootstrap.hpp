#pragma once

#include <cstdint>
#include <span>

#include "metrics/average_precision.hpp"

namespace yolovino::metrics {

struct Interval {
    double low = 0;
    double high = 0;
};

/// The 95 % interval of mAP50-95 over datasets like this one: images are drawn again, with replacement, as many as
/// there are, and the 2.5 % and 97.5 % points of the results are taken.
/// @param samples number of drawings
Interval bootstrap_map(std::span<const ScoredImage* const> images, Protocol protocol, int samples,
                       std::uint32_t seed = 0);

/// The same of the mean of one value for each image.
Interval bootstrap_mean(std::span<const double> values, int samples, std::uint32_t seed = 0);

}  // namespace yolovino::metrics
