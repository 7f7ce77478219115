#include "vision/media.hpp"

#include <cstdlib>
#include <string>

#include "base/module_loader.hpp"
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

}  // namespace yolovino::vision
