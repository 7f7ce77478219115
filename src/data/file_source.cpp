#include "data/file_source.hpp"

#include <algorithm>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

bool is_skippable(ErrorCode code) {
    return code != ErrorCode::MissingComponent;
}

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
    for (const std::string& file : media_.images) {
        Decoded decoded;
        try {
            decoded.image = vision::load_image(file);
        } catch (...) {
            decoded.problem = std::current_exception();
        }
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stop_ || queue_.size() < kQueueLength; });
        if (stop_) return;
        queue_.push_back(std::move(decoded));
        ready_.notify_one();
    }
}

FileSource::Decoded FileSource::take_decoded() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return !queue_.empty(); });
    Decoded decoded = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    room_.notify_one();
    return decoded;
}

std::optional<Frame> FileSource::next_image() {
    while (next_image_ < media_.images.size()) {
        Decoded decoded = take_decoded();
        const std::string& path = media_.images[next_image_++];
        try {
            if (decoded.problem) std::rethrow_exception(decoded.problem);
        } catch (const Error& error) {
            if (!is_skippable(error.code())) throw;
            ++skipped_;
            base::warn("picture skipped: {}", error.what());
            continue;
        }
        Frame frame;
        frame.image = std::move(decoded.image);
        frame.path = path;
        frame.item = next_image_;
        frame.items = items();
        return frame;
    }
    return std::nullopt;
}

bool FileSource::open_next_video() {
    while (next_video_ < media_.videos.size()) {
        try {
            video_ = vision::media().open_video(media_.videos[next_video_++]);
            frame_number_ = 0;
            bad_frames_ = 0;
            return true;
        } catch (const Error& error) {
            if (!is_skippable(error.code())) throw;
            ++skipped_;
            base::warn("video skipped: {}", error.what());
        }
    }
    return false;
}

/// The last of the next `vid_stride` frames; one that cannot be decoded is passed over. Nothing at the end.
std::optional<Image> FileSource::next_video_image() {
    while (true) {
        for (int i = 0; i < args_.vid_stride; ++i) {
            if (!video_->grab()) return std::nullopt;
        }
        if (std::optional<Image> image = video_->retrieve()) return image;
        ++bad_frames_;
    }
}

std::optional<Frame> FileSource::next_video_frame() {
    std::optional<Image> image;
    try {
        image = next_video_image();
    } catch (const Error& error) {
        if (!is_skippable(error.code())) throw;
        base::warn("the rest of the video is skipped: {}", error.what());
    }
    if (!image) return std::nullopt;
    Frame frame;
    frame.image = std::move(*image);
    frame.path = media_.videos[next_video_ - 1];
    frame.kind = SourceKind::Video;
    frame.item = media_.images.size() + next_video_;
    frame.items = items();
    frame.frame = ++frame_number_;
    frame.frames = video_->frame_count() / args_.vid_stride;
    frame.fps = video_->fps();
    return frame;
}

void FileSource::close_video() {
    const std::string path = base::printable(media_.videos[next_video_ - 1]);
    if (bad_frames_ > 0) base::warn("{} frames cannot be decoded: {}", bad_frames_, path);
    if (frame_number_ == 0) {
        ++skipped_;
        base::warn("video skipped: it holds no frame ({})", path);
    }
    video_.reset();
}

std::vector<Frame> FileSource::next(std::size_t count) {
    count = std::max<std::size_t>(count, 1);
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
                close_video();
                break;
            }
            frames.push_back(std::move(*frame));
        }
    }
    return frames;
}

}  // namespace yolovino::data
