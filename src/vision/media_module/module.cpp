extern "C" {
#include <libavutil/log.h>
}

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/fail.hpp"
#include "vision/media_module/common.hpp"
#include "vision/media_module/entry.hpp"
#include "vision/media_module/image_codecs.hpp"
#include "vision/media_module/video.hpp"

namespace yolovino::vision::module {

namespace {

/// OpenCV and FFmpeg write to stderr by themselves; what goes wrong is reported by exceptions and results instead.
void silence() {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    // A user's own settings for OpenCV's FFmpeg hold here, too.
    const char* const level = std::getenv("OPENCV_FFMPEG_LOGLEVEL");
    const int otherwise = std::getenv("OPENCV_FFMPEG_DEBUG") != nullptr ? AV_LOG_VERBOSE : AV_LOG_QUIET;
    av_log_set_level(level != nullptr ? std::atoi(level) : otherwise);
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

class OpenCvMedia final : public Media {
public:
    explicit OpenCvMedia(DropErrors drop_errors) : drop_errors_(drop_errors) {}

    std::optional<Image> decode(std::span<const std::byte> encoded) override {
        if (encoded.empty() || encoded.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
            return std::nullopt;
        cv::Mat pixels;
        const Quiet quiet(drop_errors_);
        try {
            const cv::Mat bytes(1, static_cast<int>(encoded.size()), CV_8UC1,
                                const_cast<std::byte*>(encoded.data()));  // OpenCV's interface has no const
            pixels = cv::imdecode(bytes, cv::IMREAD_COLOR);
        } catch (const std::exception&) {
            return std::nullopt;
        }
        return to_image(pixels);
    }

    std::optional<Image> decode_kind(std::span<const std::byte> encoded, std::string_view kind,
                                     std::string& reason) override {
        const Quiet quiet(drop_errors_);
        try {
            if (kind == "WebP") return decode_webp(encoded, reason);
            if (kind == "GIF") return decode_gif(encoded, reason);
            if (kind == "TIFF" || kind == "BigTIFF") return decode_tiff(encoded, reason);
            if (kind == "AVIF") return decode_avif(encoded, reason);
            if (kind == "HEIC") return decode_heic(encoded, reason);
        } catch (const std::bad_alloc&) {
            reason = "there is no memory for it";
        }
        return std::nullopt;
    }
    std::optional<ImageSize> size_of_kind(std::span<const std::byte> encoded, std::string_view kind,
                                          std::string& reason) override {
        return kind == "AVIF" ? avif_size(encoded, reason) : heic_size(encoded, reason);
    }

    std::unique_ptr<VideoReader> open_video(const std::string& location) override {
        return module::open_video(location);
    }
    std::unique_ptr<VideoReader> open_pipe(int descriptor) override { return module::open_pipe(descriptor); }
    std::unique_ptr<VideoReader> open_camera(int index) override { return module::open_camera(index); }
    std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& file, double fps, ImageSize size) override {
        return module::create_video(file, fps, size);
    }

    int show(const std::string& window, const Image& image, int wait_ms) override {
        if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no image to show");
        // The window toolkit would end the process
        if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) {
            throw Error(ErrorCode::RuntimeFailure, "image", "there is no display to open a window on", {},
                        "save the image instead of showing it");
        }
        return base::translate(ErrorCode::RuntimeFailure, "image", "the window cannot be shown", [&] {
            if (windows_.insert(window).second) {
                cv::namedWindow(window, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO);
                cv::resizeWindow(window, image.width(), image.height());
            }
            cv::imshow(window, borrow_for_reading(image));
            return cv::waitKey(std::max(wait_ms, 1));
        });
    }

private:
    struct Quiet {
        explicit Quiet(DropErrors drop) : drop_errors(drop) { drop_errors(true); }
        Quiet(const Quiet&) = delete;
        Quiet& operator=(const Quiet&) = delete;
        ~Quiet() { drop_errors(false); }
        DropErrors drop_errors;
    };

    DropErrors drop_errors_;
    std::set<std::string> windows_;
};

}  // namespace

}  // namespace yolovino::vision::module

extern "C" __attribute__((visibility("default"))) yolovino::vision::Media* yolovino_media(
    yolovino::vision::DropErrors drop_errors) {
    // Never destroyed: toolkits and drivers behind it do not bear the end of a process in an arbitrary order
    static yolovino::vision::Media* const media = [&] {
        yolovino::vision::module::silence();
        return new yolovino::vision::module::OpenCvMedia(drop_errors);
    }();
    return media;
}
