#pragma once

#include <string>

#include "runtime/session.hpp"

namespace yolovino::engine {

/// Times of single inferences, one after the other, in milliseconds.
struct Latency {
    double mean_ms = 0;
    double median_ms = 0;
    double p95_ms = 0;
    int runs = 0;
};

/// How inferences are timed; `method_text()` says the same in words.
struct LatencyPlan {
    int warm_up_runs = 5;
    int min_runs = 20;
    int max_runs = 300;
    double seconds = 3;  ///< as long as min_runs and max_runs allow
};

std::string method_text(const LatencyPlan& plan);

/// Times `infer()` alone; the input stays as it is. @throws Error as Session::infer
Latency measure_latency(runtime::Session& session, const LatencyPlan& plan);

}  // namespace yolovino::engine
