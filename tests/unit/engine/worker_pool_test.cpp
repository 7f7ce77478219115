#include "engine/predict/worker_pool.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace yolovino::engine {
namespace {

using namespace std::chrono_literals;

/// Frames 1 to `count`, one at a time.
OrderedWorkerPool::Take numbers(std::int64_t count, std::atomic<std::int64_t>& taken) {
    return [count, &taken]() -> std::vector<data::Frame> {
        if (taken == count) return {};
        std::vector<data::Frame> frames(1);
        frames.front().frame = ++taken;
        return frames;
    };
}

std::vector<Predicted> pass(std::vector<data::Frame> frames) {
    std::vector<Predicted> out(1);
    out.front().frame = std::move(frames.front());
    return out;
}

TEST(OrderedWorkerPool, GivesBatchesInTheOrderOfTheSource) {
    std::atomic<std::int64_t> taken = 0;
    OrderedWorkerPool workers(4, numbers(200, taken), [] {
        return [](std::vector<data::Frame> frames) {
            std::this_thread::sleep_for(std::chrono::microseconds(frames.front().frame * 7919 % 1000));
            return pass(std::move(frames));
        };
    });
    std::int64_t expected = 0;
    while (const auto batch = workers.next()) EXPECT_EQ(batch->images.front().frame.frame, ++expected);
    EXPECT_EQ(expected, 200);
    EXPECT_TRUE(workers.source_ended());
}

/// A thread that cannot be had looks the same: some workers run already.
TEST(OrderedWorkerPool, AWorkerThatCannotStartEndsTheOthers) {
    std::atomic<std::int64_t> taken = 0;
    int made = 0;
    const auto make = [&]() -> OrderedWorkerPool::Run {
        if (++made == 3) throw Error(ErrorCode::LimitExceeded, "predict", "no more");
        return pass;
    };
    EXPECT_THROW(OrderedWorkerPool(4, numbers(1000, taken), make), Error);
}

TEST(OrderedWorkerPool, WaitsForASlowCaller) {
    std::atomic<std::int64_t> taken = 0;
    OrderedWorkerPool workers(3, numbers(1000, taken), [] { return pass; });
    for (std::int64_t given = 1; given <= 20; ++given) {
        ASSERT_TRUE(workers.next());
        std::this_thread::sleep_for(2ms);
        EXPECT_LE(taken, given + 6) << "at most two batches for each worker are ahead";
    }
    EXPECT_TRUE(workers.consumer_is_slower());
}

TEST(OrderedWorkerPool, RunsBatchesInParallel) {
    std::atomic<std::int64_t> taken = 0;
    std::atomic<int> inside = 0;
    std::atomic<bool> met = false;
    OrderedWorkerPool workers(2, numbers(40, taken), [&] {
        return [&](std::vector<data::Frame> frames) {
            ++inside;
            for (int i = 0; i < 1000 && !met; ++i) {
                if (inside == 2) met = true;
                std::this_thread::sleep_for(100us);
            }
            --inside;
            return pass(std::move(frames));
        };
    });
    while (workers.next()) {
    }
    EXPECT_TRUE(met);
}

TEST(OrderedWorkerPool, RethrowsAnErrorOfARunAfterTheEarlierBatches) {
    std::atomic<std::int64_t> taken = 0;
    OrderedWorkerPool workers(3, numbers(100, taken), [] {
        return [](std::vector<data::Frame> frames) {
            if (frames.front().frame == 10) throw Error(ErrorCode::DeviceUnavailable, "test", "gone");
            return pass(std::move(frames));
        };
    });
    std::int64_t good = 0;
    std::exception_ptr problem;
    while (const auto batch = workers.next()) {
        problem = batch->problem;
        if (problem) break;
        ++good;
    }
    EXPECT_EQ(good, 9);
    ASSERT_TRUE(problem);
    EXPECT_THROW(std::rethrow_exception(problem), Error);
}

TEST(OrderedWorkerPool, RethrowsAnErrorOfTheSource) {
    std::atomic<std::int64_t> taken = 0;
    const OrderedWorkerPool::Take some = numbers(5, taken);
    OrderedWorkerPool workers(
        2,
        [&] {
            std::vector<data::Frame> frames = some();
            if (frames.empty()) throw Error(ErrorCode::NetworkFailure, "test", "lost");
            return frames;
        },
        [] { return pass; });
    int good = 0;
    bool failed = false;
    while (const auto batch = workers.next()) {
        good += batch->problem ? 0 : 1;
        failed = batch->problem != nullptr;
    }
    EXPECT_EQ(good, 5);
    EXPECT_TRUE(failed);
}

TEST(OrderedWorkerPool, CompletesAcceptedFramesAfterStopAccepting) {
    std::atomic<std::int64_t> taken = 0;
    OrderedWorkerPool workers(2, numbers(1000, taken), [] { return pass; });
    ASSERT_TRUE(workers.next());
    workers.stop_accepting();
    std::int64_t given = 1;
    while (workers.next()) ++given;
    EXPECT_EQ(given, taken);
    EXPECT_LT(given, 1000);
    EXPECT_FALSE(workers.source_ended());
}

TEST(OrderedWorkerPool, CanBeDestroyedAtAnyTime) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<std::int64_t> taken = 0;
        OrderedWorkerPool workers(3, numbers(1000, taken), [] { return pass; });
        for (int i = 0; i < round % 5; ++i) ASSERT_TRUE(workers.next());
    }
}

}  // namespace
}  // namespace yolovino::engine
