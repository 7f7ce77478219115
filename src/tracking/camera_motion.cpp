#include "tracking/camera_motion.hpp"

#include "base/module_loader.hpp"
#include "tracking/motion_module/entry.hpp"

namespace yolovino::tracking {

std::unique_ptr<CameraMotion> make_camera_motion() {
    static void* const symbol = base::load_module_symbol(kMotionModule, kMotionEntry);
    return std::unique_ptr<CameraMotion>(reinterpret_cast<CameraMotion* (*)()>(symbol)());
}

}  // namespace yolovino::tracking
