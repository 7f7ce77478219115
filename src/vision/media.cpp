#include "vision/media.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/module_loader.hpp"
#include "vision/encode.hpp"
#include "vision/media_module/entry.hpp"
#include "vision/quiet_decoders.hpp"

namespace yolovino::vision {

Media& media() {
    static Media& loaded = [&]() -> Media& {
        void* symbol = base::load_module_symbol(kMediaModule, kMediaEntry);
        return *reinterpret_cast<Media* (*)(DropErrors)>(symbol)(drop_own_errors);
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
