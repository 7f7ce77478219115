#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "metrics/probiou.hpp"
#include "tracking/detection.hpp"
#include "tracking/kalman_filter.hpp"
#include "tracking/overlap.hpp"
#include "tracking/tracker.hpp"

namespace yolovino::tracking {

/// A detection as trackers compare and measure it. All numbers come from the box rounded to f32, as left, top, width,
/// and height.
struct Observation {
    Corners corners;  ///< of a rotated box without its angle
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    double angle = 0;  ///< of a rotated box, so that its width is not less than its height
    float conf = 0;
    int cls = 0;
    int index = 0;

    Measurement measurement(BoxForm form) const;
    metrics::Gaussian distribution() const;
};

/// Of those whose numbers are finite.
std::vector<Observation> observe(std::span<const Detection> detections, bool rotated);

enum class TrackState { New, Tracked, Lost, Removed };

/// Corners in the precision in which they came about, which decides how they enter into sums.
struct PastCorners {
    std::array<double, 4> corners = {};  ///< x1, y1, x2, y2
    bool single = false;                 ///< the values are those of f32
};

/// What TrackTrack remembers of a track's way.
struct Course {
    struct Place {
        std::int64_t frame = 0;
        PastCorners at;
    };
    static constexpr std::size_t kKept = 4;

    std::vector<Place> places;  ///< the last ones, at most `kKept`
    /// Direction in which each corner went lately: left top, left bottom, right top, right bottom; x, then y.
    std::array<std::array<float, 2>, 4> velocity = {};
    float previous_conf = 0;
    std::int64_t length = 0;  ///< matches since it was new or lost

    void add(std::int64_t frame, const PastCorners& corners);
};

/// An object that is followed.
struct Track {
    int id = 0;
    TrackState state = TrackState::Tracked;
    bool shown = false;  ///< whether it is reported where it is found
    std::int64_t started = 0;
    std::int64_t seen = 0;  ///< last frame in which it was found or started
    /// Number of its removal among all; none: it never was removed.
    std::int64_t removal = -1;
    KalmanState kalman;
    double angle = 0;
    float conf = 0;
    int cls = 0;
    int index = 0;
    Course course;

    Track(const Observation& from, const KalmanFilter& filter, int number, std::int64_t frame);

    /// x1, y1, x2, y2
    std::array<double, 4> corners(BoxForm form) const;
    Corners rounded_corners(BoxForm form) const;
    metrics::Gaussian distribution(BoxForm form) const;
    TrackedObject reported(BoxForm form, bool rotated) const;
    /// Takes score, class, and angle of what it was found as.
    void describe(const Observation& found, bool rotated);
    std::int64_t age() const noexcept { return seen - started; }
};

using TrackPointer = std::shared_ptr<Track>;
using Tracks = std::vector<TrackPointer>;

}  // namespace yolovino::tracking
