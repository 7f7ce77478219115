#include "engine/predict/performance_probe.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace yolovino::engine {

namespace {

constexpr std::size_t kWarmUp = 4;     // images of a plan that do not count: compilation, first touch of memory
constexpr std::size_t kMeasured = 12;  // images that do
constexpr double kNearlyEqual = 1.03;

std::string name_of(const Plan& plan) {
    if (plan.performance == Performance::Latency) return "latency";
    return plan.batch > 1 ? fmt::format("throughput with batch {}", plan.batch) : "throughput";
}

}  // namespace

PerformanceProbe::PerformanceProbe(std::vector<Plan> plans) : plans_(std::move(plans)), decided_(plans_.size() == 1) {}

void PerformanceProbe::record(std::size_t images, double ms) {
    if (decided_) return;
    seen_ += images;
    if (seen_ <= std::max(kWarmUp, plan().batch * kWarmUp)) return;
    measured_ += images;
    measured_ms_ += ms;
    if (measured_ < kMeasured) return;
    ms_per_image_.push_back(measured_ms_ / static_cast<double>(measured_));
    seen_ = 0;
    measured_ = 0;
    measured_ms_ = 0;
    if (++current_ == plans_.size()) decide();
}

void PerformanceProbe::outrun() {
    if (decided_) return;
    outrun_ = true;
    decided_ = true;
}

void PerformanceProbe::decide() {
    decided_ = true;
    current_ = plans_.size() - 1;
    for (std::size_t i = 0; i + 1 < plans_.size(); ++i) {
        if (ms_per_image_[i] * kNearlyEqual < ms_per_image_[current_]) current_ = i;
    }
}

std::string PerformanceProbe::verdict() const {
    if (plans_.size() == 1 || !decided_) return {};
    if (outrun_) return fmt::format("{}: the network is faster than what follows it", name_of(plan()));
    std::string others;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (i != current_)
            others +=
                fmt::format("{}{:.1f} ms for {}", others.empty() ? "" : ", ", ms_per_image_[i], name_of(plans_[i]));
    }
    return fmt::format("{}: {:.1f} ms per image against {}", name_of(plan()), ms_per_image_[current_], others);
}

}  // namespace yolovino::engine
