#include "data/stream_source.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/fail.hpp"
#include "base/log.hpp"

namespace yolovino::data {

namespace {

bool is_camera(const std::string& location) {
    return !location.empty() && location.size() < 6 && std::all_of(location.begin(), location.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

StreamSource::StreamSource(const std::vector<std::string>& locations, const SourceArgs& args) : args_(args) {
    for (const std::string& location : locations) {
        auto stream = std::make_unique<Stream>();
        stream->location = location;
        stream->reader = is_camera(location) ? vision::media().open_camera(std::atoi(location.c_str())) : vision::media().open_video(location);
        const ImageSize size = stream->reader->size();
        base::info("{}/{}: {}... Success ✅ ({} frames of shape {}x{} at {:.2f} FPS)", streams_.size() + 1, locations.size(),
                   base::printable(location), stream->reader->frame_count() > 0 ? std::to_string(stream->reader->frame_count()) : "inf",
                   size.width, size.height, stream->reader->fps());
        streams_.push_back(std::move(stream));
    }
    for (const auto& stream : streams_) stream->thread = std::thread([this, &stream = *stream] { read(stream); });
}

StreamSource::~StreamSource() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    for (const auto& stream : streams_) {
        if (stream->thread.joinable()) stream->thread.join();
    }
}

void StreamSource::read(Stream& stream) {
    while (true) {
        std::optional<Image> image;
        try {
            bool grabbed = true;
            for (int i = 0; grabbed && i < args_.vid_stride; ++i) grabbed = stream.reader->grab();
            if (grabbed) image = stream.reader->retrieve();
        } catch (const std::exception& error) {
            base::warn("stream {} ends: {}", base::printable(stream.location), error.what());
        }
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

std::vector<Frame> StreamSource::next(std::size_t) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        return std::all_of(streams_.begin(), streams_.end(), [](const auto& stream) { return stream->ended || !stream->frames.empty(); });
    });
    std::vector<Frame> frames;
    for (const auto& stream : streams_) {
        if (stream->frames.empty()) continue;
        Frame frame;
        frame.image = std::move(stream->frames.front());
        stream->frames.pop_front();
        frame.path = stream->location;
        frame.kind = SourceKind::Stream;
        frame.item = frames.size() + 1;
        frame.items = streams_.size();
        frame.frame = ++stream->count;
        frame.fps = stream->reader->fps();
        frames.push_back(std::move(frame));
    }
    changed_.notify_all();
    return frames;
}

}  // namespace yolovino::data
