extern "C" {
#include <libavutil/log.h>
}

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <streambuf>

#include "base/fail.hpp"
#include "vision/media_module/common.hpp"
#include "vision/media_module/image_codecs.hpp"
#include "vision/media_module/video.hpp"

namespace yolovino::vision::module {

namespace {

int drop_message(int, const char*, const char*, const char*, int, void*) {
    return 0;
}

/// What decoders write to the error stream on a damaged picture, past OpenCV's own log, is dropped; what other code
/// writes there, also at the same time on other threads, passes.
class DecodersAreSilent final : public std::streambuf {
public:
    static void install() {
        // Never destroyed: the stream outlives everything.
        static auto* const buffer = new DecodersAreSilent(std::cerr.rdbuf());
        std::cerr.rdbuf(buffer);
    }
    struct Here {
        Here() { silent = true; }
        ~Here() { silent = false; }
    };

protected:
    int_type overflow(int_type c) override {
        if (silent || traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
        return behind_ == nullptr ? traits_type::eof() : behind_->sputc(traits_type::to_char_type(c));
    }
    std::streamsize xsputn(const char* text, std::streamsize count) override {
        if (silent) return count;
        return behind_ == nullptr ? 0 : behind_->sputn(text, count);
    }
    int sync() override { return silent || behind_ == nullptr ? 0 : behind_->pubsync(); }

private:
    explicit DecodersAreSilent(std::streambuf* behind) : behind_(behind) {}

    static thread_local bool silent;
    std::streambuf* behind_;
};

thread_local bool DecodersAreSilent::silent = false;

/// OpenCV and FFmpeg write to stderr by themselves; what goes wrong is reported by exceptions and results instead.
void silence() {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(drop_message);
    DecodersAreSilent::install();
    // OpenCV sets FFmpeg's level anew when it opens a video; a user's own settings win
    if (std::getenv("OPENCV_FFMPEG_DEBUG") == nullptr && std::getenv("OPENCV_FFMPEG_LOGLEVEL") == nullptr) {
        ::setenv("OPENCV_FFMPEG_DEBUG", "1", 0);
        ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
        av_log_set_level(AV_LOG_QUIET);
    }
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

class OpenCvMedia final : public Media {
public:
    std::optional<Image> decode(std::span<const std::byte> encoded) override {
        if (encoded.empty() || encoded.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
            return std::nullopt;
        cv::Mat pixels;
        const DecodersAreSilent::Here here;
        try {
            const cv::Mat bytes(1, static_cast<int>(encoded.size()), CV_8UC1,
                                const_cast<std::byte*>(encoded.data()));  // OpenCV's interface knows no const
            pixels = cv::imdecode(bytes, cv::IMREAD_COLOR);
        } catch (const std::exception&) {
            return std::nullopt;
        }
        return to_image(pixels);
    }

    std::optional<Image> decode_kind(std::span<const std::byte> encoded, std::string_view kind,
                                     std::string& reason) override {
        const DecodersAreSilent::Here here;
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
        if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there is no picture to show");
        // The window toolkit would end the process
        if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) {
            throw Error(ErrorCode::RuntimeFailure, "image", "there is no display to open a window on", {},
                        "save the picture instead of showing it");
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
    std::set<std::string> windows_;
};

}  // namespace

}  // namespace yolovino::vision::module

extern "C" __attribute__((visibility("default"))) yolovino::vision::Media* yolovino_media() {
    // Never destroyed: toolkits and drivers behind it do not bear the end of a process in an arbitrary order
    static yolovino::vision::Media* const media = [] {
        yolovino::vision::module::silence();
        return new yolovino::vision::module::OpenCvMedia;
    }();
    return media;
}
