#include "serve/streams/feed.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <thread>

namespace yolovino::serve {
namespace {

using State = Feed::Watcher::State;
constexpr std::chrono::milliseconds kLong{20'000};

/// A source whose frames come when the test says so.
struct Camera {
    std::mutex mutex;
    std::condition_variable changed;
    int wanted = 0;
    bool stopped = false;
    std::string fault;
    std::atomic<int> runs = 0;
    std::atomic<int> running = 0;
    std::atomic<int> encoded = 0;

    void show(int frames) {
        const std::lock_guard lock(mutex);
        wanted += frames;
        changed.notify_all();
    }
    void fail(const std::string& why) {
        const std::lock_guard lock(mutex);
        fault = why;
        changed.notify_all();
    }

    Source source() {
        return [this](const auto& ask_to_stop, const auto& take) {
            ++runs;
            ++running;
            {
                const std::lock_guard lock(mutex);
                stopped = false;
            }
            ask_to_stop([this] {
                const std::lock_guard lock(mutex);
                stopped = true;
                changed.notify_all();
            });
            std::unique_lock lock(mutex);
            for (int frame = 1;; ++frame) {
                changed.wait(lock, [&] { return wanted > 0 || stopped || !fault.empty(); });
                if (stopped || !fault.empty()) break;
                --wanted;
                Results results;
                results.path = std::to_string(frame);
                lock.unlock();
                const bool go_on = take(results);
                lock.lock();
                if (!go_on) break;
            }
            const std::string why = fault;
            lock.unlock();
            ask_to_stop(nullptr);
            --running;
            if (!why.empty()) throw std::runtime_error(why);
        };
    }
    Feed feed() {
        return Feed(source(), [this](const Results& results) {
            ++encoded;
            return "image " + results.path;
        });
    }
};

void wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_TRUE(condition());
}

TEST(ServeFeed, OneRunServesAllWatchersAndEndsWithTheLast) {
    Camera camera;
    Feed feed = camera.feed();
    EXPECT_EQ(camera.runs, 0) << "nobody watches";
    Frame frame;
    std::string why;
    {
        const auto first = std::make_unique<Feed::Watcher>(feed, false);
        auto second = std::make_unique<Feed::Watcher>(feed, false);
        camera.show(1);
        EXPECT_EQ(first->next(kLong, frame, why), State::Frame);
        EXPECT_EQ(frame.number, 1U);
        EXPECT_NE(frame.json.find("\"path\":\"1\""), std::string::npos) << frame.json;
        EXPECT_EQ(second->next(kLong, frame, why), State::Frame);
        EXPECT_EQ(frame.number, 1U);
        EXPECT_EQ(first->next(std::chrono::milliseconds(1), frame, why), State::Waiting);
        second.reset();
        EXPECT_EQ(feed.watchers(), 1U);
        camera.show(1);
        EXPECT_EQ(first->next(kLong, frame, why), State::Frame);
        EXPECT_EQ(frame.number, 2U);
        EXPECT_EQ(camera.running, 1);
    }
    wait_until([&] { return camera.running == 0; });
    EXPECT_EQ(camera.runs, 1);
    const Feed::Watcher third(feed, false);
    wait_until([&] { return camera.runs == 2; });
}

TEST(ServeFeed, ASlowWatcherGetsTheNewestFrame) {
    Camera camera;
    Feed feed = camera.feed();
    Feed::Watcher slow(feed, false);
    Feed::Watcher quick(feed, false);
    Frame frame;
    std::string why;
    for (std::uint64_t i = 1; i <= 5; ++i) {
        camera.show(1);
        ASSERT_EQ(quick.next(kLong, frame, why), State::Frame);
        EXPECT_EQ(frame.number, i);
    }
    ASSERT_EQ(slow.next(kLong, frame, why), State::Frame);
    EXPECT_EQ(frame.number, 5U);
    EXPECT_EQ(slow.next(std::chrono::milliseconds(1), frame, why), State::Waiting);
}

TEST(ServeFeed, ImagesAreEncodedOnceAndOnlyForThoseWhoWantThem) {
    Camera camera;
    Feed feed = camera.feed();
    Feed::Watcher lines(feed, false);
    Frame frame;
    std::string why;
    camera.show(1);
    ASSERT_EQ(lines.next(kLong, frame, why), State::Frame);
    EXPECT_EQ(frame.jpeg, nullptr);
    EXPECT_EQ(camera.encoded, 0);
    {
        Feed::Watcher one(feed, true);
        Feed::Watcher other(feed, true);
        camera.show(1);
        ASSERT_EQ(one.next(kLong, frame, why), State::Frame);
        ASSERT_NE(frame.jpeg, nullptr);
        EXPECT_EQ(*frame.jpeg, "image 2");
        ASSERT_EQ(other.next(kLong, frame, why), State::Frame);
        EXPECT_EQ(camera.encoded, 1);
    }
    camera.show(1);
    do ASSERT_EQ(lines.next(kLong, frame, why), State::Frame);
    while (frame.number < 3);
    EXPECT_EQ(camera.encoded, 1);
}

TEST(ServeFeed, ASourceThatFailsSaysWhyToAllAndIsTriedAgainByTheNext) {
    Camera camera;
    Feed feed = camera.feed();
    Feed::Watcher one(feed, false);
    Feed::Watcher other(feed, true);
    camera.fail("no such camera");
    Frame frame;
    for (Feed::Watcher* each : {&one, &other}) {
        std::string why;
        EXPECT_EQ(each->next(kLong, frame, why), State::Ended);
        EXPECT_EQ(why, "no such camera");
    }
    camera.fail("");
    Feed::Watcher late(feed, false);
    camera.show(1);
    std::string why;
    EXPECT_EQ(late.next(kLong, frame, why), State::Frame);
    EXPECT_EQ(frame.number, 1U);
    EXPECT_EQ(one.next(kLong, frame, why), State::Ended) << "of the run before";
}

TEST(ServeFeed, WatchersThatComeAndGoOnManyThreadsNeverShareTheSource) {
    Camera camera;
    std::atomic<int> most = 0;
    Feed feed(
        [&, inner = camera.source()](const auto& ask_to_stop, const auto& take) {
            inner(ask_to_stop, [&](const Results& results) {
                most = std::max<int>(most, camera.running);
                return take(results);
            });
        },
        [](const Results&) { return std::string(); });
    camera.show(1'000'000);
    std::vector<std::thread> threads;
    std::atomic<int> frames = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                Feed::Watcher watcher(feed, false);
                Frame frame;
                std::string why;
                frames += watcher.next(kLong, frame, why) == State::Frame ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(frames, 100);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(feed.watchers(), 0U);
}

}  // namespace
}  // namespace yolovino::serve
