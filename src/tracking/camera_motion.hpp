#pragma once

#include <memory>
#include <string>

#include "yolovino/image.hpp"

#include "tracking/detection.hpp"

namespace yolovino::tracking {

/// Estimates how the camera moves from the optical flow of corners. Used by one thread.
class CameraMotion {
public:
    struct Estimate {
        Warp warp;            ///< identity for the first frame, and where nothing could be estimated
        std::string problem;  ///< why not; empty: none
    };

    virtual ~CameraMotion() = default;
    /// @param frame BGR, the next of the video
    virtual Estimate update(const ImageView& frame) = 0;
    /// What comes next is a first frame.
    virtual void reset() = 0;
};

/// From the motion module, which is loaded at the first call: merely linking its libraries costs time at the start of a
/// process. @throws Error MissingComponent
std::unique_ptr<CameraMotion> make_camera_motion();

}  // namespace yolovino::tracking
