#pragma once

#include <vector>

#include "tracking/kalman_filter.hpp"
#include "tracking/settings.hpp"
#include "tracking/track_lists.hpp"
#include "tracking/tracker.hpp"

namespace yolovino::tracking {

/// ByteTrack (Zhang et al., 2022): boxes of high score are matched first, then those of low score with what is left.
/// BoT-SORT without appearance is the same with another form of the box, and with the movement of the camera.
class ByteTracker : public Tracker {
public:
    ByteTracker(const Settings& settings, bool rotated) : ByteTracker(settings, rotated, BoxForm::AspectHeight) {}

    std::vector<TrackedObject> update(const FrameDetections& frame) override;
    bool has_hidden_tracks() const override { return lists_.has_hidden(); }
    void reset() override { lists_.reset(); }

protected:
    ByteTracker(const Settings& settings, bool rotated, BoxForm form)
        : settings_(settings), rotated_(rotated), filter_(form), lists_(form, rotated, settings.track_buffer) {}

    /// Moves tracks that were predicted with the camera.
    virtual void compensate(const FrameDetections& frame, const Tracks& tracks) const;
    bool is_rotated() const noexcept { return rotated_; }

private:
    using Observations = std::vector<Observation>;

    CostMatrix costs(const Tracks& tracks, const Observations& found, bool fused) const;
    void find(Track& track, const Observation& found) const;
    /// Of the tracks, those that are left.
    Tracks match(const Tracks& tracks, const Observations& found, bool fused, double limit, Changes& changes,
                 Observations& unmatched) const;
    void start_tracks(const Observations& found, Changes& changes);

    const Settings settings_;
    const bool rotated_;
    const KalmanFilter filter_;
    TrackLists lists_;
};

}  // namespace yolovino::tracking
