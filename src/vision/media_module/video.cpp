#include "vision/media_module/video.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <opencv2/videoio.hpp>
#include <opencv2/videoio/registry.hpp>

#include "base/fail.hpp"
#include "vision/media_module/common.hpp"

namespace yolovino::vision::module {

namespace fs = std::filesystem;

namespace {

bool is_url(const std::string& location) {
    return location.find("://") != std::string::npos;
}

class Reader final : public VideoReader {
public:
    Reader(const cv::VideoCapture& capture, std::string location) : capture_(capture), location_(std::move(location)) {}

    double fps() const override {
        const double value = property(cv::CAP_PROP_FPS);
        return std::isfinite(value) && value > 0 ? value : 0;
    }

    std::int64_t frame_count() const override {
        constexpr double kMost = 1e15;  // streams report the smallest 64-bit number or nonsense
        const double value = property(cv::CAP_PROP_FRAME_COUNT);
        return value > 0 && value < kMost ? static_cast<std::int64_t>(value) : 0;
    }

    ImageSize size() const override {
        return {static_cast<int>(property(cv::CAP_PROP_FRAME_HEIGHT)),
                static_cast<int>(property(cv::CAP_PROP_FRAME_WIDTH))};
    }

    bool grab() override {
        return base::translate(ErrorCode::CorruptFile, "video", location_, [&] { return capture_.grab(); });
    }

    std::int64_t whole_frame_count() const override {
        return is_url(location_) ? 0 : module::whole_frame_count(location_, frame_count());
    }

    std::optional<Image> retrieve() override {
        return base::translate(ErrorCode::CorruptFile, "video", location_, [&]() -> std::optional<Image> {
            const ImageSize expected = last_size_.height > 0 ? last_size_ : size();
            if (expected.height <= 0 || expected.width <= 0) return copied_frame();
            Image image(expected.height, expected.width);
            cv::Mat frame = borrow(image);
            if (!capture_.retrieve(frame)) return std::nullopt;
            if (frame.data == image.data()) return image;
            std::optional<Image> other =
                to_image(frame);  // the frame was of another size or kind, so OpenCV replaced the matrix
            if (other) last_size_ = other->size();
            return other;
        });
    }

private:
    double property(cv::VideoCaptureProperties name) const { return capture_.get(name); }

    std::optional<Image> copied_frame() {
        cv::Mat frame;
        if (!capture_.retrieve(frame)) return std::nullopt;
        return to_image(frame);
    }

    cv::VideoCapture capture_;
    std::string location_;
    ImageSize last_size_;
};

/// `wanted` where OpenCV has it: other backends would take a location for a pipeline description or a pattern of files,
/// and those for cameras search every bus.
int backend_or_any(cv::VideoCaptureAPIs wanted) {
    const auto backends = cv::videoio_registry::getBackends();
    return std::find(backends.begin(), backends.end(), wanted) != backends.end() ? wanted : cv::CAP_ANY;
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
    cv::VideoCapture capture;
    const ErrorCode code = remote ? ErrorCode::NetworkFailure : ErrorCode::CorruptFile;
    base::translate(code, "video", "opening failed", [&] { capture.open(location, backend_or_any(cv::CAP_FFMPEG)); });
    if (!capture.isOpened()) {
        throw Error(code, "video", remote ? "the stream cannot be opened" : "the file holds no video that can be read",
                    {.file = location}, remote ? "check the address and the connection" : "");
    }
    return std::make_unique<Reader>(std::move(capture), location);
}

std::unique_ptr<VideoReader> open_pipe(int descriptor) {
    cv::VideoCapture capture;
    // By itself FFmpeg lets what comes through this protocol lead nowhere else, be it a playlist or not.
    const std::string location = fmt::format("pipe:{}", descriptor);
    base::translate(ErrorCode::NetworkFailure, "video", "opening failed",
                    [&] { capture.open(location, backend_or_any(cv::CAP_FFMPEG)); });
    if (!capture.isOpened()) {
        throw Error(ErrorCode::NetworkFailure, "video", "the stream cannot be opened", {},
                    "check that there is a video at the address");
    }
    return std::make_unique<Reader>(std::move(capture), location);
}

std::unique_ptr<VideoReader> open_camera(int index) {
    cv::VideoCapture capture;
    base::translate(ErrorCode::NotFound, "video", "opening the camera failed",
                    [&] { capture.open(index, backend_or_any(cv::CAP_V4L2)); });
    if (!capture.isOpened()) {
        throw Error(ErrorCode::NotFound, "video", fmt::format("camera {} cannot be opened", index), {},
                    "check that it is connected and that you may read /dev/video*");
    }
    return std::make_unique<Reader>(std::move(capture), fmt::format("camera {}", index));
}

}  // namespace yolovino::vision::module
