#include "vision/media.hpp"

#include "base/module_loader.hpp"
#include "vision/media_module/entry.hpp"

namespace yolovino::vision {

Media& media() {
    static Media& loaded = [&]() -> Media& {
        void* symbol = base::load_module_symbol(kMediaModule, kMediaEntry);
        return *reinterpret_cast<Media* (*)()>(symbol)();
    }();
    return loaded;
}

}  // namespace yolovino::vision
