#include "serve/predict/work_queue.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <memory>

namespace yolovino::serve {
namespace {

using namespace std::chrono_literals;

constexpr double kLong = 60;

/// Work that lasts until it is let go.
struct Gate {
    std::promise<void> begun;
    std::promise<void> open;
    WorkQueue::Job job() {
        return {.run =
                    [this, opened = std::make_shared<std::future<void>>(open.get_future())] {
                        begun.set_value();
                        opened->wait();
                    },
                .expired = [] { ADD_FAILURE() << "it had begun"; }};
    }
};

TEST(ServeWorkQueue, WorkIsDoneInItsOrder) {
    std::string order;
    {
        WorkQueue queue(1, 10, std::chrono::duration<double>(kLong));
        for (char c = 'a'; c < 'f'; ++c) {
            ASSERT_TRUE(queue.push({.run = [&, c] { order += c; }, .expired = {}}));
        }
    }
    EXPECT_EQ(order, "abcde") << "the end waits for what was taken";
}

TEST(ServeWorkQueue, WhatIsTooMuchIsRefusedAtOnce) {
    WorkQueue queue(1, 2, std::chrono::duration<double>(kLong));
    Gate gate;
    ASSERT_TRUE(queue.push(gate.job()));
    gate.begun.get_future().wait();
    std::atomic<int> done = 0;
    const auto push = [&] { return queue.push({.run = [&] { ++done; }, .expired = {}}); };
    EXPECT_TRUE(push());
    EXPECT_TRUE(push());
    EXPECT_FALSE(push()) << "two may wait";
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_EQ(queue.running(), 1U);
    gate.open.set_value();
    queue.finish();
    EXPECT_EQ(done, 2);
    EXPECT_FALSE(push()) << "after the end";
}

TEST(ServeWorkQueue, WhatWaitsForTooLongExpiresWhileTheWorkerIsBusy) {
    WorkQueue queue(1, 10, 50ms);
    Gate gate;
    ASSERT_TRUE(queue.push(gate.job()));
    gate.begun.get_future().wait();
    std::promise<void> expired;
    ASSERT_TRUE(
        queue.push({.run = [] { ADD_FAILURE() << "it had expired"; }, .expired = [&] { expired.set_value(); }}));
    EXPECT_EQ(expired.get_future().wait_for(20s), std::future_status::ready);
    EXPECT_EQ(queue.waiting(), 0U);
    gate.open.set_value();
}

TEST(ServeWorkQueue, SeveralWorkersWorkAtOnce) {
    WorkQueue queue(2, 2, std::chrono::duration<double>(kLong));
    EXPECT_EQ(queue.workers(), 2U);
    Gate first;
    Gate second;
    ASSERT_TRUE(queue.push(first.job()));
    ASSERT_TRUE(queue.push(second.job()));
    first.begun.get_future().wait();
    second.begun.get_future().wait();
    EXPECT_EQ(queue.running(), 2U);
    first.open.set_value();
    second.open.set_value();
}

}  // namespace
}  // namespace yolovino::serve
