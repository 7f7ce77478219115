#include "data/file_source.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/processors.hpp"
#include "vision/decode.hpp"

namespace yolovino::data {

namespace {

constexpr std::size_t kMaxWorkers = 4;
constexpr std::size_t kLongFolder = 64;  // images; to try both ways costs as much time as computing about ten

}  // namespace

bool is_skippable(ErrorCode code) {
    return code != ErrorCode::MissingComponent;
}

FileSource::FileSource(MediaFiles media, const SourceArgs& args) : media_(std::move(media)), args_(args) {
    ahead_ = std::min({base::processor_count(), kMaxWorkers, media_.images.size()});
    for (std::size_t i = 0; i < ahead_; ++i) workers_.push_back(base::start_thread([this] { decode_images(); }));
}

FileSource::~FileSource() {
    interrupt();
    for (std::thread& worker : workers_) worker.join();
}

void FileSource::interrupt() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    room_.notify_all();
    ready_.notify_all();
}

bool FileSource::interrupted() {
    const std::lock_guard lock(mutex_);
    return stop_;
}

bool FileSource::is_long() const {
    return media_.images.size() >= kLongFolder || !media_.videos.empty();
}

/// Each thread takes the next image that is not far ahead of the caller's.
void FileSource::decode_images() {
    while (true) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return stop_ || next_decode_ <= next_image_ + ahead_; });
        if (stop_ || next_decode_ == media_.images.size()) return;
        const std::size_t index = next_decode_++;
        lock.unlock();
        Decoded decoded;
        try {
            decoded.image = vision::load_image(media_.images[index]);
        } catch (...) {
            decoded.problem = std::current_exception();
        }
        lock.lock();
        decoded_[index] = std::move(decoded);
        ready_.notify_all();
    }
}

/// The next image in order; nothing at the end.
std::optional<FileSource::Decoded> FileSource::take_decoded() {
    std::unique_lock lock(mutex_);
    if (next_image_ == media_.images.size()) return std::nullopt;
    ready_.wait(lock, [&] { return stop_ || decoded_.contains(next_image_); });
    if (stop_) return std::nullopt;
    Decoded decoded = std::move(decoded_.extract(next_image_++).mapped());
    lock.unlock();
    room_.notify_all();
    return decoded;
}

bool FileSource::skip(const Error& error) const {
    return !args_.strict && is_skippable(error.code());
}

std::optional<Frame> FileSource::next_image() {
    while (std::optional<Decoded> decoded = take_decoded()) {
        Frame frame;
        frame.path = media_.images[next_image_ - 1];
        frame.item = next_image_;
        frame.items = items();
        try {
            if (decoded->problem) std::rethrow_exception(decoded->problem);
            frame.image = std::move(decoded->image);
        } catch (const Error& error) {
            if (!skip(error)) throw;
            if (args_.report_failures) {
                frame.failure = error;
                return frame;
            }
            ++skipped_;
            base::warn("image skipped: {}", error.what());
            continue;
        }
        return frame;
    }
    return std::nullopt;
}

bool FileSource::open_next_video() {
    while (next_video_ < media_.videos.size()) {
        try {
            video_ = vision::media().open_video(media_.videos[next_video_++]);
            frame_number_ = 0;
            grabbed_ = 0;
            bad_frames_ = 0;
            broken_ = false;
            return true;
        } catch (const Error& error) {
            if (!skip(error)) throw;
            ++skipped_;
            base::warn("video skipped: {}", error.what());
        }
    }
    return false;
}

/// The last of the next `vid_stride` frames; one that cannot be decoded is skipped. Nothing at the end.
std::optional<Image> FileSource::next_video_image() {
    while (true) {
        for (int i = 0; i < args_.vid_stride; ++i) {
            if (!video_->grab()) return std::nullopt;
            ++grabbed_;
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
        if (!skip(error)) throw;
        ++skipped_;
        broken_ = true;
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

/// How many frames the video would have, if clearly fewer came; 0 otherwise.
std::int64_t FileSource::frames_if_cut() const {
    constexpr double kTolerance = 0.02;
    constexpr double kFrames = 2;
    const auto are_missing = [&](std::int64_t of) {
        const auto missing = static_cast<double>(of - grabbed_);
        return missing > kFrames && missing > kTolerance * static_cast<double>(of);
    };
    // The number at hand may be an estimate; the one that costs a pass through the file is exact.
    if (!are_missing(video_->frame_count())) return 0;
    const std::int64_t whole = video_->whole_frame_count();
    return are_missing(whole) ? whole : 0;
}

/// Counts a video that could not be read, or not to its end. @throws Error CorruptFile if strict
void FileSource::lose(const std::string& message) {
    const std::string& path = media_.videos[next_video_ - 1];
    video_.reset();
    if (args_.strict) throw Error(ErrorCode::CorruptFile, "video", message, {.file = path});
    ++skipped_;
    base::warn("{} ({})", message, base::printable(path));
}

void FileSource::close_video() {
    const std::int64_t frames = broken_ ? 0 : frames_if_cut();
    if (frame_number_ == 0 && !broken_) {
        lose("video skipped: it holds no frame");
    } else if (frames > 0) {
        lose(fmt::format("the video is truncated or damaged: {} of {} frames can be read", grabbed_, frames));
    } else if (bad_frames_ > 0) {
        lose(fmt::format("{} frames of the video cannot be decoded", bad_frames_));
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
    while (frames.empty() && !interrupted()) {
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
