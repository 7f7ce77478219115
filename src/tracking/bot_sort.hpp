#pragma once

#include "tracking/byte_tracker.hpp"

namespace yolovino::tracking {

/// BoT-SORT (Aharon et al., 2022) without appearance: ByteTrack that follows width and height, and that moves what it
/// predicted with the camera.
class BotSort final : public ByteTracker {
public:
    BotSort(const Settings& settings, bool rotated) : ByteTracker(settings, rotated, BoxForm::WidthHeight) {}

private:
    void compensate(const FrameDetections& frame, const Tracks& tracks) const override;
};

}  // namespace yolovino::tracking
