#include "tracking/bot_sort.hpp"

namespace yolovino::tracking {

void BotSort::compensate(const FrameDetections& frame, const Tracks& tracks) const {
    if (frame.warp) move_with_camera(tracks, *frame.warp, is_rotated());
}

}  // namespace yolovino::tracking
