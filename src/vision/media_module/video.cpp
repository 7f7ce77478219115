#include "vision/media_module/video.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <opencv2/videoio.hpp>
#include <opencv2/videoio/registry.hpp>

#include "base/fail.hpp"
#include "vision/media_module/common.hpp"
#include "vision/media_module/ffmpeg_reader.hpp"

namespace yolovino::vision::module {

namespace fs = std::filesystem;

namespace {

bool is_url(const std::string& location) {
    return location.find("://") != std::string::npos;
}

/// OpenCV's reader of cameras.
class Camera final : public VideoReader {
public:
    Camera(const cv::VideoCapture& capture, int index) : capture_(capture), name_(fmt::format("camera {}", index)) {}

    double fps() const override {
        const double value = capture_.get(cv::CAP_PROP_FPS);
        return std::isfinite(value) && value > 0 ? value : 0;
    }
    std::int64_t frame_count() const override { return 0; }
    std::int64_t whole_frame_count() const override { return 0; }
    ImageSize size() const override {
        return {static_cast<int>(capture_.get(cv::CAP_PROP_FRAME_HEIGHT)),
                static_cast<int>(capture_.get(cv::CAP_PROP_FRAME_WIDTH))};
    }
    bool grab() override {
        return base::translate(ErrorCode::RuntimeFailure, "video", name_, [&] { return capture_.grab(); });
    }
    std::optional<Image> retrieve() override {
        return base::translate(ErrorCode::RuntimeFailure, "video", name_, [&]() -> std::optional<Image> {
            cv::Mat frame;
            if (!capture_.retrieve(frame)) return std::nullopt;
            return to_image(frame);
        });
    }

private:
    cv::VideoCapture capture_;
    std::string name_;
};

/// V4L2 where OpenCV has it: other backends for cameras search every bus.
int camera_backend() {
    const auto backends = cv::videoio_registry::getBackends();
    return std::ranges::find(backends, cv::CAP_V4L2) != backends.end() ? cv::CAP_V4L2 : cv::CAP_ANY;
}

}  // namespace

std::unique_ptr<VideoReader> open_video(const std::string& location) {
    const bool remote = is_url(location);
    if (!remote && !fs::exists(location)) {
        throw Error(ErrorCode::NotFound, "video", "the file does not exist", {.file = location});
    }
    // FFmpeg would wait for the other end of a pipe, without an end.
    if (!remote && !fs::is_regular_file(location))
        throw Error(ErrorCode::UnsupportedFile, "video", "this is not a regular file", {.file = location});
    if (std::unique_ptr<VideoReader> reader = open_with_ffmpeg(location, !remote)) return reader;
    throw Error(remote ? ErrorCode::NetworkFailure : ErrorCode::CorruptFile, "video",
                remote ? "the stream cannot be opened" : "the file holds no video that can be read", {.file = location},
                remote ? "check the address and the connection" : "");
}

std::unique_ptr<VideoReader> open_pipe(int descriptor) {
    // By itself FFmpeg lets what comes through this protocol lead nowhere else, be it a playlist or not.
    if (std::unique_ptr<VideoReader> reader = open_with_ffmpeg(fmt::format("pipe:{}", descriptor), false))
        return reader;
    throw Error(ErrorCode::NetworkFailure, "video", "the stream cannot be opened", {},
                "check that there is a video at the address");
}

std::unique_ptr<VideoReader> open_camera(int index) {
    cv::VideoCapture capture;
    base::translate(ErrorCode::NotFound, "video", "opening the camera failed",
                    [&] { capture.open(index, camera_backend()); });
    if (!capture.isOpened()) {
        throw Error(ErrorCode::NotFound, "video", fmt::format("camera {} cannot be opened", index), {},
                    "check that it is connected and that you may read /dev/video*");
    }
    return std::make_unique<Camera>(capture, index);
}

}  // namespace yolovino::vision::module
