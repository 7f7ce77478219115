#include "vision/media.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <string>

#include "base/fail.hpp"
#include "base/module_loader.hpp"
#include "vision/decode.hpp"
#include "vision/limits.hpp"
#include "vision/media_module/entry.hpp"

namespace yolovino::vision {

Media& media() {
    static Media& loaded = [&]() -> Media& {
        // OpenCV reads it while it is loaded, and would take four times as many pixels; a user's own setting wins.
        ::setenv("OPENCV_IO_MAX_IMAGE_PIXELS", std::to_string(kMaxPixels).c_str(), 0);
        void* symbol = base::load_module_symbol(kMediaModule, kMediaEntry);
        return *reinterpret_cast<Media* (*)()>(symbol)();
    }();
    return loaded;
}

void write_frame(VideoWriter& video, const Image& frame) {
    // Files of the size that OpenCV's encoder makes by default, which Ultralytics uses, and nearer to the pixels.
    constexpr int kQuality = 80;
    const ImageSize size = video.size();
    if (frame.size() != size) {
        throw Error(ErrorCode::ShapeMismatch, "video",
                    fmt::format("a frame of {}x{} in a video of {}x{}", frame.height(), frame.width(), size.height,
                                size.width));
    }
    video.write_jpeg(encode_jpeg(frame, kQuality));
}

}  // namespace yolovino::vision
