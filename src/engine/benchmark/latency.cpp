#include "engine/benchmark/latency.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <vector>

#include "base/log.hpp"

namespace yolovino::engine {

std::string method_text(const LatencyPlan& plan) {
    return fmt::format(
        "single images one after the other with the runtime's own number of threads: {} inferences to warm up, then "
        "{:.0f} s of them, {} to {}",
        plan.warm_up_runs, plan.seconds, plan.min_runs, plan.max_runs);
}

Latency measure_latency(runtime::Session& session, const LatencyPlan& plan) {
    for (int i = 0; i < plan.warm_up_runs; ++i) session.infer();
    std::vector<double> times_ms;
    const base::Stopwatch all;
    for (int i = 0; i < plan.max_runs && (i < plan.min_runs || all.elapsed_ms() < plan.seconds * 1000); ++i) {
        const base::Stopwatch one;
        session.infer();
        times_ms.push_back(one.elapsed_ms());
    }
    std::ranges::sort(times_ms);
    const auto at = [&](double share) {
        return times_ms[static_cast<std::size_t>(std::ceil(share * static_cast<double>(times_ms.size()))) - 1];
    };
    const double sum = std::accumulate(times_ms.begin(), times_ms.end(), 0.0);
    return {sum / static_cast<double>(times_ms.size()), at(0.5), at(0.95), static_cast<int>(times_ms.size())};
}

}  // namespace yolovino::engine
