#include "engine/predict/performance_probe.hpp"

#include <gtest/gtest.h>

namespace yolovino::engine {
namespace {

const Plan kLatency{Performance::Latency, 1};
const Plan kBatched{Performance::Throughput, 4};
const Plan kThroughput{Performance::Throughput, 1};

/// Lets each plan compute images at its own pace until one is chosen.
Plan choose(PerformanceProbe& probe, double latency_ms, double batched_ms, double throughput_ms) {
    for (int i = 0; i < 1000 && !probe.decided(); ++i) {
        const Plan plan = probe.plan();
        const double ms = plan == kLatency ? latency_ms : plan == kBatched ? batched_ms : throughput_ms;
        probe.record(plan.batch, ms * static_cast<double>(plan.batch));
    }
    EXPECT_TRUE(probe.decided());
    return probe.plan();
}

TEST(PerformanceProbe, TakesTheFastest) {
    PerformanceProbe first({kLatency, kBatched, kThroughput});
    EXPECT_EQ(choose(first, 10, 20, 30), kLatency);
    EXPECT_EQ(first.verdict(),
              "latency: 10.0 ms per image against 20.0 ms for throughput with batch 4, 30.0 ms for throughput");
    PerformanceProbe second({kLatency, kBatched, kThroughput});
    EXPECT_EQ(choose(second, 30, 20, 25), kBatched);
    PerformanceProbe third({kLatency, kBatched, kThroughput});
    EXPECT_EQ(choose(third, 30, 40, 25), kThroughput);
    EXPECT_EQ(third.verdict(),
              "throughput: 25.0 ms per image against 30.0 ms for latency, 40.0 ms for throughput with batch 4");
}

TEST(PerformanceProbe, KeepsTheLastOfNearlyEqualPlans) {
    PerformanceProbe probe({kLatency, kThroughput});
    EXPECT_EQ(choose(probe, 10.0, 0, 10.2), kThroughput);
}

TEST(PerformanceProbe, DoesNotCountTheFirstImagesOfAPlan) {
    PerformanceProbe probe({kLatency, kThroughput});
    probe.record(1, 5000);  // compiles
    while (probe.plan() == kLatency) probe.record(1, 10);
    probe.record(1, 5000);
    while (!probe.decided()) probe.record(1, 20);
    EXPECT_EQ(probe.plan(), kLatency);
}

TEST(PerformanceProbe, HasNothingToDecideForOnePlan) {
    PerformanceProbe probe({kLatency});
    EXPECT_TRUE(probe.decided());
    EXPECT_EQ(probe.plan(), kLatency);
    EXPECT_TRUE(probe.verdict().empty());
}

TEST(PerformanceProbe, StaysWithAPlanThatOutrunsTheCaller) {
    PerformanceProbe probe({kLatency, kThroughput});
    while (probe.plan() == kLatency) probe.record(1, 10);
    probe.outrun();
    EXPECT_TRUE(probe.decided());
    EXPECT_EQ(probe.plan(), kThroughput);
    EXPECT_EQ(probe.verdict(), "throughput: the network is faster than what follows it");
}

}  // namespace
}  // namespace yolovino::engine
