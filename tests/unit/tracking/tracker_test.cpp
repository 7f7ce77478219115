#include "tracking/tracker.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <malloc.h>
#include <random>
#include <set>

#include "base/sanitizers.hpp"
#include "tracking/make_tracker.hpp"

namespace yolovino::tracking {
namespace {

constexpr std::array<const char*, 3> kTrackers = {"bytetrack.yaml", "botsort.yaml", "tracktrack.yaml"};

Detection square(float x, float y, float side, float conf, int index) {
    return {.cx = x, .cy = y, .width = side, .height = side, .conf = conf, .index = index};
}

TEST(Tracker, NumbersThatAreNotFiniteAndBoxesWithoutAreaDoNoHarm) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinite = std::numeric_limits<float>::infinity();
    constexpr float kHuge = std::numeric_limits<float>::max();
    for (const char* name : kTrackers) {
        for (const bool rotated : {false, true}) {
            const auto tracker = make_tracker(read_settings(name), rotated);
            for (int frame = 0; frame < 20; ++frame) {
                std::vector<Detection> found = {square(50, 50, 20, 0.9F, 0),          square(kNan, 50, 20, 0.9F, 1),
                                                square(50, 50, kInfinite, 0.9F, 2),   square(50, 50, 20, kNan, 3),
                                                square(10, 10, 0, 0.9F, 4),           square(10, 10, -5, 0.9F, 5),
                                                square(kHuge, kHuge, kHuge, 0.9F, 6), square(0, 0, kHuge, 0.9F, 7)};
                found[4].angle = kNan;
                const auto tracks = tracker->update({.found = found, .recovered = found, .warp = Warp()});
                std::set<int> ids;
                for (const TrackedObject& each : tracks) EXPECT_TRUE(ids.insert(each.id).second) << name;
            }
        }
    }
}

TEST(Tracker, EveryIdIsGivenOnceAlsoInCrowdsThatJump) {
    for (const char* name : kTrackers) {
        std::mt19937 random(5);
        std::uniform_real_distribution<float> unit(0, 1);
        const auto tracker = make_tracker(read_settings(name), false);
        int highest = 0;
        for (int frame = 0; frame < 200; ++frame) {
            std::vector<Detection> found;
            found.reserve(60);
            for (int i = 0; i < 60; ++i)
                found.push_back(
                    square(200 * unit(random), 200 * unit(random), 10 + 30 * unit(random), unit(random), i));
            Warp warp;
            warp.m = {1 + unit(random), unit(random), 30 * unit(random), -unit(random), 1, -10 * unit(random)};
            const auto tracks = tracker->update({.found = found, .recovered = {}, .warp = warp});
            std::set<int> ids;
            std::set<int> sources;
            for (const TrackedObject& each : tracks) {
                EXPECT_TRUE(ids.insert(each.id).second) << name << ", seed 5, frame " << frame;
                EXPECT_TRUE(sources.insert(each.index).second) << name << ", seed 5, frame " << frame;
                highest = std::max(highest, each.id);
            }
        }
        EXPECT_GT(highest, 10) << name << ": the test did not look";
    }
}

TEST(Tracker, AResetBeginsWithTheFirstFrameAndTheFirstId) {
    for (const char* name : kTrackers) {
        const auto tracker = make_tracker(read_settings(name), false);
        const std::vector<Detection> found = {square(50, 50, 20, 0.9F, 0)};
        for (int run = 0; run < 2; ++run) {
            for (int frame = 0; frame < 5; ++frame) {
                const auto tracks = tracker->update({.found = found});
                ASSERT_EQ(tracks.size(), 1U) << name;
                EXPECT_EQ(tracks.front().id, 1) << name;
            }
            // Elsewhere a new object
            const std::vector<Detection> other = {square(500, 500, 20, 0.9F, 0)};
            EXPECT_TRUE(tracker->update({.found = other}).empty()) << name;
            EXPECT_TRUE(tracker->has_hidden_tracks()) << name;
            tracker->reset();
            EXPECT_FALSE(tracker->has_hidden_tracks()) << name;
        }
    }
}

/// Frames of objects of which each is new.
void see_strangers(Tracker& tracker, int frames, std::mt19937& random) {
    std::uniform_real_distribution<float> place(0, 1e5F);
    for (int frame = 0; frame < frames; ++frame) {
        std::vector<Detection> found;
        found.reserve(5);
        for (int i = 0; i < 5; ++i) found.push_back(square(place(random), place(random), 20, 0.9F, i));
        tracker.update({.found = found});
    }
}

#ifndef YOLOVINO_SANITIZED  // they have an allocator of their own
TEST(Tracker, MemoryDoesNotGrowWithTheFrames) {
    constexpr std::size_t kSlackBytes = 64 << 10;
    for (const char* name : kTrackers) {
        std::mt19937 random(3);
        const auto tracker = make_tracker(read_settings(name), false);
        see_strangers(*tracker, 500, random);
        const std::size_t before = ::mallinfo2().uordblks;
        see_strangers(*tracker, 5000, random);
        EXPECT_LT(::mallinfo2().uordblks, before + kSlackBytes) << name << ", seed 3";
    }
}
#endif

}  // namespace
}  // namespace yolovino::tracking
