#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "yolovino/results.hpp"

namespace yolovino::serve {

/// Where the results of a source come from: it gives them one by one to `take`, until `take` returns false or the
/// source ends. `ask_to_stop` is to be kept and may be called from any thread. @throws Error
using Source = std::function<void(const std::function<void(std::function<void()> stop)>& ask_to_stop,
                                  const std::function<bool(const Results&)>& take)>;

/// One frame as watchers get it.
struct Frame {
    std::uint64_t number = 0;                 ///< 1 for the first of a run
    std::string json;                         ///< its line
    std::shared_ptr<const std::string> jpeg;  ///< drawn; null while nobody wants images
};

/// One run of a source for all who watch it. It begins with the first and ends with the last; who is slow misses
/// frames. Thread-safe.
class Feed {
public:
    /// @param jpeg how a frame becomes an image
    Feed(Source source, std::function<std::string(const Results&)> jpeg);
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    /// Waits until the run has ended. No watcher may be left.
    ~Feed();

    /// Somebody who watches, from construction to destruction.
    class Watcher {
    public:
        Watcher(Feed& feed, bool wants_images);
        Watcher(const Watcher&) = delete;
        Watcher& operator=(const Watcher&) = delete;
        ~Watcher();

        enum class State { Frame, Waiting, Ended };
        /// Waits for a frame that is newer than the last one; what Ended brings is why, empty at the end of the source.
        State next(std::chrono::milliseconds limit, Frame& frame, std::string& why);

    private:
        Feed& feed_;
        const bool wants_images_;
        std::uint64_t run_ = 0;
        std::uint64_t seen_ = 0;
    };

    std::size_t watchers() const;

private:
    void begin_run();
    void run(std::uint64_t number, std::thread previous);
    bool take(std::uint64_t number, const Results& results);

    const Source source_;
    const std::function<std::string(const Results&)> jpeg_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::thread thread_;
    std::size_t watchers_ = 0;
    std::size_t image_watchers_ = 0;
    std::uint64_t run_ = 0;  ///< the current one; one that is not ends
    bool ended_ = false;     ///< the current run has
    std::string why_;
    std::function<void()> stop_;
    Frame latest_;
};

}  // namespace yolovino::serve
