#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "yolovino/runtime_options.hpp"

namespace yolovino::engine {

/// How images go through the network.
struct Plan {
    Performance performance = Performance::Latency;  ///< one at a time, or several requests side by side; never Auto
    std::size_t batch = 1;                           ///< images per request

    friend bool operator==(const Plan&, const Plan&) = default;
};

/// Decides which of several plans is the fastest: each computes some images of the source in turn. No image is
/// computed twice.
class PerformanceProbe {
public:
    /// @param plans in the order in which they are tried, at least one; of nearly equal ones the later wins
    explicit PerformanceProbe(std::vector<Plan> plans);

    /// The plan to use now.
    const Plan& plan() const { return plans_[current_]; }
    bool decided() const { return decided_; }

    /// Says how long the current plan took for the last images. When it has been measured long enough, the next is
    /// current; after the last, the fastest.
    void record(std::size_t images, double ms);
    /// Says that the caller is slower than the current plan: nothing that computes on the side can be better.
    void outrun();

    /// One line: what was chosen and why; empty if there was nothing to choose.
    std::string verdict() const;

private:
    void decide();

    std::vector<Plan> plans_;
    std::vector<double> ms_per_image_;  ///< of the plans that have been tried
    std::size_t current_ = 0;
    std::size_t seen_ = 0;      ///< images of the current plan
    std::size_t measured_ = 0;  ///< those of them that count
    double measured_ms_ = 0;
    bool decided_ = false;
    bool outrun_ = false;
};

}  // namespace yolovino::engine
