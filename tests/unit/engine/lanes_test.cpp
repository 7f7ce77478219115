#include "engine/lanes.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace yolovino::engine {
namespace {

using namespace std::chrono_literals;

/// Frames 1 to `count`, one at a time.
Lanes::Take numbers(std::int64_t count, std::atomic<std::int64_t>& taken) {
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

TEST(Lanes, GivesBatchesInTheOrderOfTheSource) {
    std::atomic<std::int64_t> taken = 0;
    Lanes lanes(4, numbers(200, taken), [] {
        return [](std::vector<data::Frame> frames) {
            std::this_thread::sleep_for(std::chrono::microseconds(frames.front().frame * 7919 % 1000));
            return pass(std::move(frames));
        };
    });
    std::int64_t expected = 0;
    while (const auto batch = lanes.next()) EXPECT_EQ(batch->pictures.front().frame.frame, ++expected);
    EXPECT_EQ(expected, 200);
    EXPECT_TRUE(lanes.source_ended());
}

/// A thread that cannot be had looks the same: some lanes run already.
TEST(Lanes, ALaneThatCannotStartEndsTheOthers) {
    std::atomic<std::int64_t> taken = 0;
    int made = 0;
    const auto make = [&]() -> Lanes::Run {
        if (++made == 3) throw Error(ErrorCode::LimitExceeded, "predict", "no more");
        return pass;
    };
    EXPECT_THROW(Lanes(4, numbers(1000, taken), make), Error);
}

TEST(Lanes, WaitsForACallerWhoIsSlow) {
    std::atomic<std::int64_t> taken = 0;
    Lanes lanes(3, numbers(1000, taken), [] { return pass; });
    for (std::int64_t given = 1; given <= 20; ++given) {
        ASSERT_TRUE(lanes.next());
        std::this_thread::sleep_for(2ms);
        EXPECT_LE(taken, given + 6) << "at most two batches for each lane are ahead";
    }
    EXPECT_TRUE(lanes.waited_for_caller());
}

TEST(Lanes, RunsSideBySide) {
    std::atomic<std::int64_t> taken = 0;
    std::atomic<int> inside = 0;
    std::atomic<bool> met = false;
    Lanes lanes(2, numbers(40, taken), [&] {
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
    while (lanes.next()) {
    }
    EXPECT_TRUE(met);
}

TEST(Lanes, HandsOnWhatARunThrowsAfterTheBatchesBeforeIt) {
    std::atomic<std::int64_t> taken = 0;
    Lanes lanes(3, numbers(100, taken), [] {
        return [](std::vector<data::Frame> frames) {
            if (frames.front().frame == 10) throw Error(ErrorCode::DeviceUnavailable, "test", "gone");
            return pass(std::move(frames));
        };
    });
    std::int64_t good = 0;
    std::exception_ptr problem;
    while (const auto batch = lanes.next()) {
        problem = batch->problem;
        if (problem) break;
        ++good;
    }
    EXPECT_EQ(good, 9);
    ASSERT_TRUE(problem);
    EXPECT_THROW(std::rethrow_exception(problem), Error);
}

TEST(Lanes, HandsOnWhatTheSourceThrows) {
    std::atomic<std::int64_t> taken = 0;
    const Lanes::Take some = numbers(5, taken);
    Lanes lanes(
        2,
        [&] {
            std::vector<data::Frame> frames = some();
            if (frames.empty()) throw Error(ErrorCode::NetworkFailure, "test", "lost");
            return frames;
        },
        [] { return pass; });
    int good = 0;
    bool failed = false;
    while (const auto batch = lanes.next()) {
        good += batch->problem ? 0 : 1;
        failed = batch->problem != nullptr;
    }
    EXPECT_EQ(good, 5);
    EXPECT_TRUE(failed);
}

TEST(Lanes, GivesWhatWasTakenBeforeItWasToldToTakeNoMore) {
    std::atomic<std::int64_t> taken = 0;
    Lanes lanes(2, numbers(1000, taken), [] { return pass; });
    ASSERT_TRUE(lanes.next());
    lanes.take_no_more();
    std::int64_t given = 1;
    while (lanes.next()) ++given;
    EXPECT_EQ(given, taken);
    EXPECT_LT(given, 1000);
    EXPECT_FALSE(lanes.source_ended());
}

TEST(Lanes, CanBeLeftAtAnyTime) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<std::int64_t> taken = 0;
        Lanes lanes(3, numbers(1000, taken), [] { return pass; });
        for (int i = 0; i < round % 5; ++i) ASSERT_TRUE(lanes.next());
    }
}

}  // namespace
}  // namespace yolovino::engine
