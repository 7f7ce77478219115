#pragma once

#include <vector>

#include "tracking/assignment.hpp"
#include "tracking/kalman_filter.hpp"
#include "tracking/settings.hpp"
#include "tracking/track_lists.hpp"
#include "tracking/tracker.hpp"

namespace yolovino::tracking {

/// TrackTrack (Shim et al., 2025) without appearance: all boxes are matched at once, in rounds of pairs that are each
/// other's best, and no track starts on a box that overlaps another.
class TrackTrack final : public Tracker {
public:
    TrackTrack(const Settings& settings, bool rotated)
        : settings_(settings),
          rotated_(rotated),
          filter_(BoxForm::WidthHeight),
          lists_(BoxForm::WidthHeight, rotated, settings.track_buffer) {}

    std::vector<TrackedObject> update(const FrameDetections& frame) override;
    bool has_hidden_tracks() const override { return lists_.has_hidden(); }
    void reset() override { lists_.reset(); }

private:
    using Observations = std::vector<Observation>;

    /// Boxes of a frame in the order in which they are matched.
    struct Candidates {
        Observations all;
        std::size_t high = 0;  ///< how many have a high score; they come first
        std::size_t low = 0;   ///< how many come after them
    };

    Candidates candidates_of(const FrameDetections& frame) const;
    void predict(const FrameDetections& frame, const Tracks& tracks) const;
    CostMatrix costs(const Tracks& tracks, std::span<const Observation> found) const;
    void find(Track& track, const Observation& found) const;
    void find_again(Track& track, const Observation& found) const;
    void correct(Track& track, const Observation& found) const;
    std::array<std::array<float, 2>, 4> velocity_of(const Track& track, const Observation& found) const;
    PastCorners corners_before(const Track& track, std::int64_t frames) const;
    float direction_cost(const Track& track, const Observation& found, float cost) const;

    Observations match_pool(const Tracks& pool, const Candidates& candidates, Changes& changes) const;
    Observations match_hidden(const Tracks& hidden, const Observations& found, Changes& changes) const;
    Observations match_lost(const Tracks& pool, const Observations& found, Changes& changes) const;
    std::vector<std::uint8_t> may_start(const Observations& found, const Changes& changes) const;
    void start_tracks(const Observations& found, Changes& changes);

    const Settings settings_;
    const bool rotated_;
    const KalmanFilter filter_;
    TrackLists lists_;
};

}  // namespace yolovino::tracking
