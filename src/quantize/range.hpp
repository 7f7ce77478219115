#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// The arithmetic of 8-bit quantization, without any network or runtime.
namespace yolovino::quantize {

inline constexpr int kLevels = 256;
inline constexpr std::size_t kBins = 2048;

/// Codes 0 to 255 for reals: `scale * (code - zero_point)`. Zero is on the grid.
struct Grid {
    double scale = 1;
    int zero_point = 0;  ///< 0 to 254

    double low() const noexcept { return -scale * zero_point; }
    double high() const noexcept { return scale * (kLevels - 1 - zero_point); }
    /// The real that stands for `value` after rounding (half to even) and clipping.
    double nearest(double value) const noexcept;
};

/// The finest grid with an exact zero that covers [low, high] and zero; a low end of less than half a step is taken for
/// zero. Does not throw.
Grid cover(double low, double high) noexcept;

/// What the calibration saw of one tensor.
struct ActivationStatistics {
    std::string name;
    double mean_low = 0;              ///< mean over the images of the least value
    double low = 0;                   ///< least value of all images
    double high = 0;                  ///< largest value of all images
    std::vector<std::uint64_t> bins;  ///< kBins equal parts of [low, high]
};

/// Counts every `step`-th value into kBins equal parts of [low, high]; returns how many are NaN or infinite.
/// @param bins exactly kBins counters
std::size_t count_values(std::span<const float> values, std::size_t step, float low, float high,
                         std::span<std::uint64_t> bins);

/// The one grid for tensors that share it: among 52 upper ends from 15 % to 100 % of the largest value the one with the
/// least sum of mean square errors. The lower end is the least mean minimum. Peaks decide detections, so this clips far
/// less than a percentile or an entropy would.
/// @param group at least one, each with bins that are not all 0
Grid fit(std::span<const ActivationStatistics* const> group);

/// The grid for the input of a SiLU with the least mean square error of its output: among 24 lower ends from 10 % to
/// 100 % of the mean minimum and the upper ends of fit(). Far below zero SiLU hardly changes, so that steps are not
/// spent there.
Grid fit_before_silu(const ActivationStatistics& statistics);

/// Share of the values beyond the ends of the grid by more than half a step, 0 to 1, to the width of a bin.
double clipped_share(const ActivationStatistics& statistics, const Grid& grid);

/// Root mean square of the error over that of the values; 0 if all values are 0.
double noise(const ActivationStatistics& statistics, const Grid& grid);

}  // namespace yolovino::quantize
