#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "tracking/detection.hpp"

namespace yolovino::tracking {

/// What is seen in one frame.
struct FrameDetections {
    std::span<const Detection> found;  ///< by descending score
    /// What a looser suppression finds besides; only TrackTrack looks at it.
    std::span<const Detection> recovered = {};
    std::optional<Warp> warp = {};  ///< how the camera moved; unset: nothing is known of it
};

/// A track as it is reported for one frame, in which it was found or started.
struct TrackedObject {
    static constexpr int kRecovered = -1;

    std::array<float, 4> box = {};  ///< corners; of a rotated box centre, width, and height
    float angle = 0;                ///< of a rotated box
    int id = 0;                     ///< from 1
    float conf = 0;                 ///< of the detection, as is the class
    int cls = 0;
    int index = 0;  ///< of the detection; `kRecovered` for one of `FrameDetections::recovered`
};

/// Gives the boxes of successive frames identities. Works on boxes alone; used by one thread. Its memory is bounded by
/// the number of boxes per frame and the length of the buffer, not by the number of frames.
class Tracker {
public:
    virtual ~Tracker() = default;
    /// One more frame, also one without detections. Boxes whose numbers are not finite take no part.
    virtual std::vector<TrackedObject> update(const FrameDetections& frame) = 0;
    /// Whether there are tracks that have not been seen long enough to be reported.
    virtual bool has_hidden_tracks() const = 0;
    /// Forgets all frames; ids begin with 1 again.
    virtual void reset() = 0;
};

}  // namespace yolovino::tracking
