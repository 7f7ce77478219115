#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "data/frame.hpp"
#include "vision/media.hpp"

namespace yolovino::data {

/// Cameras and network streams side by side, each read by a thread of its own. A camera or an rtsp or rtmp stream that
/// is lost is opened again a few times. The destructor waits for the read in progress.
class StreamSource final : public FrameSource {
public:
    /// @throws Error InvalidArgument, NotFound, NetworkFailure, MissingComponent
    StreamSource(const std::vector<std::string>& locations, const SourceArgs& args);
    ~StreamSource() override;
    StreamSource(const StreamSource&) = delete;
    StreamSource& operator=(const StreamSource&) = delete;

    /// At most `count` frames of those that one round, a frame of each stream that still runs, has brought.
    std::vector<Frame> next(std::size_t count) override;
    std::size_t stream_count() const override { return streams_.size(); }
    std::size_t skipped() const override { return 0; }
    void interrupt() noexcept override;

private:
    struct Stream {
        std::string location;
        std::string name;  ///< for the user, without a password
        double fps = 0;
        bool live = false;
        std::unique_ptr<vision::VideoReader> reader;  ///< of the thread alone once that runs
        std::thread thread;
        std::deque<Image> frames;
        std::int64_t count = 0;
        bool ended = false;
    };
    static constexpr std::size_t kMaxBuffered = 30;

    void collect_round();
    void read(Stream& stream);
    std::optional<Image> read_frame(Stream& stream);
    bool reopen(Stream& stream);

    const SourceArgs args_;
    std::atomic<bool> stop_ = false;  ///< set under the mutex; the streams ask it to their end
    std::vector<std::unique_ptr<Stream>> streams_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Frame> round_;  ///< what is left of the last round
};

}  // namespace yolovino::data
