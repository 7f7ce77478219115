#include "data/stream_source.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/location.hpp"
#include "data/net/http_stream.hpp"

namespace yolovino::data {

namespace {

constexpr double kDefaultFps = 30;
constexpr int kReopenAttempts = 5;
constexpr std::chrono::seconds kReopenPause(1);

std::unique_ptr<vision::VideoReader> open(const std::string& location, std::function<bool()> stopped) {
    if (!is_camera(location)) {
        try {
            return is_http(location) ? open_http_stream(location, std::move(stopped))
                                     : vision::media().open_video(location);
        } catch (const Error& error) {  // its place may hold a password
            throw Error(error.code(), "source", error.message(), {.file = url_for_display(location)}, error.hint());
        }
    }
    int index = 0;
    const char* const end = location.data() + location.size();
    if (std::from_chars(location.data(), end, index).ec != std::errc()) {
        throw Error(ErrorCode::InvalidArgument, "source",
                    fmt::format("camera index {} is too large", base::printable(location)));
    }
    return vision::media().open_camera(index);
}

/// A stream that can be expected to go on after a loss; any other would start anew.
bool is_live(const std::string& location) {
    return is_camera(location) || (is_url(location) && !is_http(location) && !location.starts_with("tcp"));
}

}  // namespace

StreamSource::StreamSource(const std::vector<std::string>& locations, const SourceArgs& args) : args_(args) {
    for (const std::string& location : locations) {
        auto stream = std::make_unique<Stream>();
        stream->location = location;
        stream->name = url_for_display(location);
        stream->reader = open(location, [this] { return stop_.load(); });
        const ImageSize size = stream->reader->size();
        const std::int64_t frames = stream->reader->frame_count();
        stream->fps = stream->reader->fps() > 0 ? stream->reader->fps() : kDefaultFps;
        stream->live = frames == 0 && is_live(location);
        base::info("{}/{}: {}... Success ✅ ({} frames of shape {}x{} at {:.2f} FPS)", streams_.size() + 1,
                   locations.size(), base::printable(stream->name), frames > 0 ? std::to_string(frames) : "inf",
                   size.width, size.height, stream->fps);
        streams_.push_back(std::move(stream));
    }
    for (const auto& stream : streams_)
        stream->thread = base::start_thread([this, &stream = *stream] { read(stream); });
}

void StreamSource::interrupt() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
}

StreamSource::~StreamSource() {
    interrupt();
    for (const auto& stream : streams_) {
        if (stream->thread.joinable()) stream->thread.join();
    }
}

std::optional<Image> StreamSource::read_frame(Stream& stream) {
    try {
        for (int i = 0; i < args_.vid_stride; ++i) {
            if (!stream.reader->grab()) return std::nullopt;
        }
        return stream.reader->retrieve();
    } catch (const std::exception& error) {
        base::warn("stream {}: {}", base::printable(stream.name), base::printable(error.what()));
        return std::nullopt;
    }
}

/// True if the stream runs again. Waits between the attempts, but not after a stop.
bool StreamSource::reopen(Stream& stream) {
    for (int i = 1; stream.live && i <= kReopenAttempts; ++i) {
        base::warn("stream {} disconnected, attempt {}/{} to reconnect", base::printable(stream.name), i,
                   kReopenAttempts);
        stream.reader.reset();
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, kReopenPause, [&] { return stop_.load(); })) return false;
        lock.unlock();
        try {
            stream.reader = open(stream.location, [this] { return stop_.load(); });
            return true;
        } catch (const std::exception& error) {
            base::debug("{}", error.what());
        }
    }
    return false;
}

void StreamSource::read(Stream& stream) {
    while (true) {
        std::optional<Image> image = read_frame(stream);
        if (!image && reopen(stream)) image = read_frame(stream);
        std::unique_lock lock(mutex_);
        if (args_.stream_buffer) {
            changed_.wait(lock, [&] { return stop_ || stream.frames.size() < kMaxBuffered; });
        } else if (image) {
            stream.frames.clear();
        }
        if (stop_ || !image) {
            stream.ended = true;
            changed_.notify_all();
            return;
        }
        stream.frames.push_back(std::move(*image));
        changed_.notify_all();
    }
}

std::vector<Frame> StreamSource::next(std::size_t count) {
    std::vector<Frame> frames;
    if (round_.empty()) collect_round();
    while (!round_.empty() && frames.size() < count) {
        frames.push_back(std::move(round_.front()));
        round_.pop_front();
    }
    return frames;
}

void StreamSource::collect_round() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        return stop_ || std::all_of(streams_.begin(), streams_.end(),
                                    [](const auto& stream) { return stream->ended || !stream->frames.empty(); });
    });
    if (stop_) return;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        Stream& stream = *streams_[i];
        if (stream.frames.empty()) continue;
        Frame frame;
        frame.image = std::move(stream.frames.front());
        stream.frames.pop_front();
        frame.path = stream.name;
        frame.kind = SourceKind::Stream;
        frame.item = i + 1;
        frame.items = streams_.size();
        frame.frame = ++stream.count;
        frame.fps = stream.fps;
        round_.push_back(std::move(frame));
    }
    changed_.notify_all();
}

}  // namespace yolovino::data
