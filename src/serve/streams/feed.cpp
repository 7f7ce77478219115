#include "serve/streams/feed.hpp"

#include <exception>
#include <utility>

namespace yolovino::serve {

Feed::Feed(Source source, std::function<std::string(const Results&)> jpeg)
    : source_(std::move(source)), jpeg_(std::move(jpeg)) {}

Feed::~Feed() {
    if (thread_.joinable()) thread_.join();
}

std::size_t Feed::watchers() const {
    const std::lock_guard lock(mutex_);
    return watchers_;
}

/// With the lock held. The new run waits for the previous one, whose source may be a device that only one can open.
void Feed::begin_run() {
    latest_ = {};
    ended_ = false;
    why_.clear();
    ++run_;
    thread_ = std::thread(
        [this, number = run_, previous = std::move(thread_)]() mutable { run(number, std::move(previous)); });
}

void Feed::run(std::uint64_t number, std::thread previous) {
    if (previous.joinable()) previous.join();
    std::string why;
    try {
        const auto ask_to_stop = [&](std::function<void()> stop) {
            const std::lock_guard lock(mutex_);
            if (run_ == number) {
                stop_ = std::move(stop);
            } else if (stop) {
                stop();
            }
        };
        source_(ask_to_stop, [&](const Results& results) { return take(number, results); });
    } catch (const std::exception& error) {
        why = error.what();
    }
    const std::lock_guard lock(mutex_);
    if (run_ != number) return;
    stop_ = nullptr;
    ended_ = true;
    why_ = std::move(why);
    changed_.notify_all();
}

bool Feed::take(std::uint64_t number, const Results& results) {
    bool images = false;
    {
        const std::lock_guard lock(mutex_);
        if (run_ != number) return false;
        images = image_watchers_ > 0;
    }
    Frame frame{.number = 0, .json = results.to_json(), .jpeg = nullptr};
    if (images && results.error.empty()) frame.jpeg = std::make_shared<const std::string>(jpeg_(results));
    const std::lock_guard lock(mutex_);
    if (run_ != number) return false;
    frame.number = latest_.number + 1;
    latest_ = std::move(frame);
    changed_.notify_all();
    return true;
}

Feed::Watcher::Watcher(Feed& feed, bool wants_images) : feed_(feed), wants_images_(wants_images) {
    const std::lock_guard lock(feed_.mutex_);
    // A source that has ended, such as a video, begins anew for who comes later.
    if (feed_.watchers_ == 0 || feed_.ended_) feed_.begin_run();
    run_ = feed_.run_;
    ++feed_.watchers_;
    if (wants_images_) ++feed_.image_watchers_;
}

Feed::Watcher::~Watcher() {
    const std::lock_guard lock(feed_.mutex_);
    if (wants_images_) --feed_.image_watchers_;
    if (--feed_.watchers_ > 0) return;
    // Nobody waits here for the end of the run: this may be the thread of the network.
    ++feed_.run_;
    feed_.ended_ = true;
    if (feed_.stop_) feed_.stop_();
    feed_.stop_ = nullptr;
}

Feed::Watcher::State Feed::Watcher::next(std::chrono::milliseconds limit, Frame& frame, std::string& why) {
    std::unique_lock lock(feed_.mutex_);
    const auto is_new = [&] {
        return feed_.latest_.number > seen_ && (!wants_images_ || feed_.latest_.jpeg != nullptr);
    };
    feed_.changed_.wait_for(lock, limit, [&] { return feed_.run_ != run_ || feed_.ended_ || is_new(); });
    if (feed_.run_ != run_) return State::Ended;
    if (is_new()) {
        frame = feed_.latest_;
        seen_ = frame.number;
        return State::Frame;
    }
    if (!feed_.ended_) return State::Waiting;
    why = feed_.why_;
    return State::Ended;
}

}  // namespace yolovino::serve
