#include "data/file_source.hpp"

#include <algorithm>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

FileSource::FileSource(MediaFiles media, const SourceArgs& args) : media_(std::move(media)), args_(args) {
    if (!media_.images.empty()) worker_ = std::thread([this] { decode_images(); });
}

FileSource::~FileSource() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    room_.notify_all();
    if (worker_.joinable()) worker_.join();
}

void FileSource::decode_images() {
    for (std::size_t i = 0; i < media_.images.size(); ++i) {
        Decoded decoded;
        try {
            decoded.image = vision::load_image(media_.images[i]);
        } catch (const Error& error) {
            decoded.problem = error.what();
        } catch (const std::exception& error) {
            decoded.problem = error.what();
        }
        decoded.index = i;
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stop_ || queue_.size() < kQueueLength; });
        if (stop_) return;
        queue_.push_back(std::move(decoded));
        ready_.notify_one();
    }
}

std::optional<Frame> FileSource::next_image() {
    while (next_image_ < media_.images.size()) {
        Decoded decoded;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [&] { return !queue_.empty(); });
            decoded = std::move(queue_.front());
            queue_.pop_front();
        }
        room_.notify_one();
        ++next_image_;
        if (!decoded.problem.empty()) {
            ++skipped_;
            base::warn("picture skipped: {}", decoded.problem);
            continue;
        }
        Frame frame;
        frame.image = std::move(decoded.image);
        frame.path = media_.images[decoded.index];
        frame.item = decoded.index + 1;
        frame.items = media_.images.size() + media_.videos.size();
        return frame;
    }
    return std::nullopt;
}

bool FileSource::open_next_video() {
    while (next_video_ < media_.videos.size()) {
        try {
            video_ = vision::media().open_video(media_.videos[next_video_++]);
            frame_number_ = 0;
            return true;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::MissingComponent) throw;
            ++skipped_;
            base::warn("video skipped: {}", error.what());
        }
    }
    return false;
}

std::optional<Frame> FileSource::next_video_frame() {
    for (int i = 0; i < args_.vid_stride; ++i) {
        if (!video_->grab()) return std::nullopt;
    }
    std::optional<Image> image = video_->retrieve();
    if (!image) return std::nullopt;
    Frame frame;
    frame.image = std::move(*image);
    frame.path = media_.videos[next_video_ - 1];
    frame.kind = SourceKind::Video;
    frame.item = media_.images.size() + next_video_;
    frame.items = media_.images.size() + media_.videos.size();
    frame.frame = ++frame_number_;
    frame.frames = video_->frame_count() / args_.vid_stride;
    frame.fps = video_->fps();
    return frame;
}

std::vector<Frame> FileSource::next(std::size_t count) {
    std::vector<Frame> frames;
    while (frames.size() < count) {
        std::optional<Frame> frame = next_image();
        if (!frame) break;
        frames.push_back(std::move(*frame));
    }
    while (frames.empty()) {
        if (!video_ && !open_next_video()) break;
        while (frames.size() < count) {
            std::optional<Frame> frame = next_video_frame();
            if (!frame) {
                video_.reset();
                break;
            }
            frames.push_back(std::move(*frame));
        }
    }
    return frames;
}

}  // namespace yolovino::data
