#include "base/share_indices.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.hpp"

namespace yolovino::base {
namespace {

TEST(ShareIndices, DoesEachIndexOnceWithWorkersOfItsOwn) {
    for (const std::size_t workers : {1U, 2U, 8U}) {
        std::vector<std::atomic<int>> done(100);
        std::atomic<std::size_t> made = 0;
        share_indices(done.size(), workers, [&](std::size_t) {
            ++made;
            return [&](std::size_t index) { ++done[index]; };
        });
        for (const std::atomic<int>& each : done) EXPECT_EQ(each, 1);
        EXPECT_EQ(made, workers);
    }
}

TEST(ShareIndices, StartsNoMoreThreadsThanThereAreIndices) {
    std::atomic<std::size_t> made = 0;
    share_indices(2, 8, [&](std::size_t) {
        ++made;
        return [](std::size_t) {};
    });
    EXPECT_EQ(made, 2U);
}

TEST(ShareIndices, AnErrorEndsTheWorkAndIsThrown) {
    std::atomic<std::size_t> done = 0;
    const auto fails_at_once = [&](std::size_t) {
        return [&](std::size_t) {
            ++done;
            throw std::runtime_error("bad index");
        };
    };
    EXPECT_THROW(share_indices(1000, 4, fails_at_once), std::runtime_error);
    EXPECT_LE(done, 4U);
    const auto cannot_be_made = [](std::size_t) -> IndexWorker { throw std::logic_error("no session"); };
    EXPECT_THROW(share_indices(1000, 4, cannot_be_made), std::logic_error);
}

TEST(ShareIndices, ThreadsLogWhereTheCallerLogs) {
    std::atomic<int> lines = 0;
    CallLog log({.log = [&](LogLevel, std::string_view) { ++lines; }, .progress = {}});
    const LogScope scope(&log);
    share_indices(64, 4, [](std::size_t) { return [](std::size_t index) { warn("index {}", index); }; });
    EXPECT_EQ(lines, 64);
}

}  // namespace
}  // namespace yolovino::base
