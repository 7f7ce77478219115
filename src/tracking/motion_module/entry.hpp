#pragma once

namespace yolovino::tracking {

/// Name of the motion module and of the one function that it exports: `CameraMotion* yolovino_motion()`, whose result
/// belongs to the caller.
inline constexpr const char* kMotionModule = "motion";
inline constexpr const char* kMotionEntry = "yolovino_motion";

}  // namespace yolovino::tracking
