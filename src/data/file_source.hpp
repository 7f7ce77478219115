#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "yolovino/error.hpp"

#include "data/frame.hpp"
#include "data/paths.hpp"
#include "vision/media.hpp"

namespace yolovino::data {

/// True if an image or video with this error is skipped; any other error concerns the whole run and goes to the
/// caller.
bool is_skippable(ErrorCode code);

/// Images, then videos. The next images are decoded by a few threads while the caller works on the last.
class FileSource final : public FrameSource {
public:
    FileSource(MediaFiles media, const SourceArgs& args);
    ~FileSource() override;
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    std::vector<Frame> next(std::size_t count) override;
    std::size_t skipped() const override { return skipped_; }
    bool is_long() const override;
    void interrupt() noexcept override;

private:
    struct Decoded {
        Image image;
        std::exception_ptr problem;
    };

    void decode_images();
    std::optional<Decoded> take_decoded();
    bool interrupted();
    bool skip(const Error& error) const;
    std::optional<Frame> next_image();
    bool open_next_video();
    std::optional<Image> next_video_image();
    std::optional<Frame> next_video_frame();
    void close_video();
    std::int64_t frames_if_cut() const;
    void lose(const std::string& message);
    std::size_t items() const { return media_.images.size() + media_.videos.size(); }

    const MediaFiles media_;
    const SourceArgs args_;
    std::size_t next_image_ = 0;
    std::size_t next_video_ = 0;
    std::size_t skipped_ = 0;
    std::unique_ptr<vision::VideoReader> video_;
    std::int64_t frame_number_ = 0;
    std::int64_t grabbed_ = 0;
    std::int64_t bad_frames_ = 0;
    bool broken_ = false;  ///< the rest of the video is lost, and that was said

    std::mutex mutex_;
    std::condition_variable ready_;
    std::condition_variable room_;
    std::map<std::size_t, Decoded> decoded_;  ///< by index of the image
    std::size_t next_decode_ = 0;             ///< the next image that no thread has taken
    bool stop_ = false;
    std::size_t ahead_ = 0;  ///< images that are decoded beyond the caller's; fixed before the first thread starts
    std::vector<std::thread> workers_;
};

}  // namespace yolovino::data
