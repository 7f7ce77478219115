#include "quantize/range.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace yolovino::quantize {

namespace {

constexpr int kTop = kLevels - 1;
constexpr int kCandidates = 52;
constexpr double kLeastShare = 0.15;
constexpr double kLeastWidth = 8e-4;
constexpr int kLowCandidates = 24;
constexpr double kLeastLowShare = 0.1;

double centre(const ActivationStatistics& statistics, std::size_t bin) {
    const double width = (statistics.high - statistics.low) / static_cast<double>(kBins);
    return statistics.low + (static_cast<double>(bin) + 0.5) * width;
}

struct Errors {
    double noise = 0;   ///< sum of squared errors
    double signal = 0;  ///< sum of squared values
    double count = 0;
};

Errors errors(const ActivationStatistics& statistics, const Grid& grid) {
    Errors sum;
    for (std::size_t bin = 0; bin < statistics.bins.size(); ++bin) {
        const auto count = static_cast<double>(statistics.bins[bin]);
        if (count == 0) continue;
        const double value = centre(statistics, bin);
        const double error = value - grid.nearest(value);
        sum.noise += count * error * error;
        sum.signal += count * value * value;
        sum.count += count;
    }
    return sum;
}

/// The `i`-th of `count` shares, evenly from the least to 1.
double share(int i, int count, double least) {
    return least + (1 - least) * i / (count - 1);
}

double silu(double value) {
    return value / (1 + std::exp(-value));
}

/// A part of a histogram that holds values.
struct Bin {
    double value = 0;
    double count = 0;
    double silu = 0;
};

std::vector<Bin> filled_bins(const ActivationStatistics& statistics) {
    std::vector<Bin> filled;
    for (std::size_t bin = 0; bin < statistics.bins.size(); ++bin) {
        if (statistics.bins[bin] == 0) continue;
        const double value = centre(statistics, bin);
        filled.push_back({value, static_cast<double>(statistics.bins[bin]), silu(value)});
    }
    return filled;
}

double error_after_silu(std::span<const Bin> bins, const Grid& grid) {
    std::array<double, kLevels> answers{};
    for (int code = 0; code < kLevels; ++code)
        answers.at(static_cast<std::size_t>(code)) = silu(grid.scale * (code - grid.zero_point));
    double sum = 0;
    for (const Bin& bin : bins) {
        const double code = std::clamp(std::nearbyint(bin.value / grid.scale) + grid.zero_point, 0.0, double{kTop});
        const double error = bin.silu - answers[static_cast<std::size_t>(code)];
        sum += bin.count * error * error;
    }
    return sum;
}

}  // namespace

double Grid::nearest(double value) const noexcept {
    const double code = std::clamp(std::nearbyint(value / scale) + zero_point, 0.0, static_cast<double>(kTop));
    return scale * (code - zero_point);
}

Grid cover(double low, double high) noexcept {
    low = std::min(low, 0.0);
    high = std::max({high, 0.0, low + kLeastWidth});
    const int zero = static_cast<int>(std::clamp(std::nearbyint(-low * kTop / (high - low)), 0.0, kTop - 1.0));
    // One of the ends grows until zero is on the grid.
    return {std::max(high / (kTop - zero), zero > 0 ? -low / zero : 0.0), zero};
}

std::size_t count_values(std::span<const float> values, std::size_t step, float low, float high,
                         std::span<std::uint64_t> bins) {
    const float per_unit = static_cast<float>(kBins) / std::max(high - low, 1e-9F);
    std::size_t bad = 0;
    for (std::size_t i = 0; i < values.size(); i += step) {
        const float place = (values[i] - low) * per_unit;
        if (!std::isfinite(place)) {
            ++bad;
            continue;
        }
        ++bins[static_cast<std::size_t>(std::clamp(place, 0.0F, static_cast<float>(kBins - 1)))];
    }
    return bad;
}

Grid fit(std::span<const ActivationStatistics* const> group) {
    double low = 0;
    double high = 0;
    for (const ActivationStatistics* each : group) {
        low = std::min(low, each->mean_low);
        high = std::max(high, each->high);
    }
    Grid best;
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kCandidates; ++i) {
        const Grid grid = cover(low, share(i, kCandidates, kLeastShare) * high);
        double total = 0;
        for (const ActivationStatistics* each : group) {
            const Errors sum = errors(*each, grid);
            total += sum.noise / sum.count;
        }
        if (total < least) {
            least = total;
            best = grid;
        }
    }
    return best;
}

Grid fit_before_silu(const ActivationStatistics& statistics) {
    const std::vector<Bin> bins = filled_bins(statistics);
    Grid best;
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kLowCandidates; ++i) {
        const double low = share(i, kLowCandidates, kLeastLowShare) * statistics.mean_low;
        for (int k = 0; k < kCandidates; ++k) {
            const Grid grid = cover(low, share(k, kCandidates, kLeastShare) * statistics.high);
            const double error = error_after_silu(bins, grid);
            if (error >= least) continue;
            least = error;
            best = grid;
        }
    }
    return best;
}

double clipped_share(const ActivationStatistics& statistics, const Grid& grid) {
    double beyond = 0;
    double all = 0;
    for (std::size_t bin = 0; bin < statistics.bins.size(); ++bin) {
        const auto count = static_cast<double>(statistics.bins[bin]);
        const double value = centre(statistics, bin);
        if (value < grid.low() - grid.scale / 2 || value > grid.high() + grid.scale / 2) beyond += count;
        all += count;
    }
    return all > 0 ? beyond / all : 0;
}

double noise(const ActivationStatistics& statistics, const Grid& grid) {
    const Errors sum = errors(statistics, grid);
    return sum.signal > 0 ? std::sqrt(sum.noise / sum.signal) : 0;
}

}  // namespace yolovino::quantize
