#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "tracking/kalman_filter.hpp"
#include "tracking/track.hpp"

namespace yolovino::tracking {

/// What one frame did to the tracks.
struct Changes {
    Tracks activated;   ///< found or started
    Tracks refound;     ///< found after they were lost
    Tracks newly_lost;  ///< not found
    Tracks removed;     ///< given up
};

/// The tracks that are followed, and the rules by which they move between the lists; the same for all trackers.
class TrackLists {
public:
    TrackLists(BoxForm form, bool rotated, std::int64_t buffer) : form_(form), rotated_(rotated), buffer_(buffer) {}

    std::int64_t frame() const noexcept { return frame_; }
    const Tracks& tracked() const noexcept { return tracked_; }
    const Tracks& lost() const noexcept { return lost_; }
    /// After the largest number, ids begin again.
    int next_id() noexcept { return last_id_ = last_id_ == std::numeric_limits<int>::max() ? 1 : last_id_ + 1; }

    void begin_frame() noexcept { ++frame_; }
    /// `tracks`, which are not lost, and the lost ones.
    Tracks with_lost(Tracks tracks) const;
    /// Ends a frame: gives up what was lost too long, and sorts all others into the lists.
    void end_frame(Changes changes);
    /// Tracks that are reported in this frame.
    std::vector<TrackedObject> reported() const;
    bool has_hidden() const;
    void reset();

    /// 1 - overlap of tracks with each other, by their angles where they have some.
    CostMatrix costs_between(const Tracks& a, const Tracks& b) const;

private:
    bool is_remembered_as_removed(const Track& track) const;
    void drop_duplicates();

    BoxForm form_;
    bool rotated_;
    std::int64_t buffer_;
    std::int64_t frame_ = 0;
    int last_id_ = 0;
    std::int64_t removals_ = 0;
    Tracks tracked_;
    Tracks lost_;
};

/// Moves all with the camera.
void move_with_camera(const Tracks& tracks, const Warp& warp, bool rotated);

/// Corners of all, for costs.
std::vector<Corners> corners_of(const Tracks& tracks, BoxForm form);
std::vector<Corners> corners_of(std::span<const Observation> observations);
std::vector<metrics::Gaussian> distributions_of(const Tracks& tracks, BoxForm form);
std::vector<metrics::Gaussian> distributions_of(std::span<const Observation> observations);

}  // namespace yolovino::tracking
