#include "tracking/track_lists.hpp"

#include <algorithm>
#include <cstddef>

namespace yolovino::tracking {

namespace {

constexpr float kDuplicate = 0.15F;         // cost below which two tracks follow one object
constexpr std::int64_t kRemembered = 1000;  // removals that count

/// Ids of tracks, to look them up.
class Ids {
public:
    explicit Ids(const Tracks& tracks) {
        ids_.reserve(tracks.size());
        for (const TrackPointer& each : tracks) ids_.push_back(each->id);
        std::ranges::sort(ids_);
    }
    bool contains(int id) const { return std::ranges::binary_search(ids_, id); }

private:
    std::vector<int> ids_;
};

/// Adds those whose id is not there yet.
void append_new(Tracks& to, const Tracks& from) {
    if (from.empty()) return;
    const Ids ids(to);
    std::ranges::copy_if(from, std::back_inserter(to),
                         [&](const TrackPointer& each) { return !ids.contains(each->id); });
}

}  // namespace

Tracks TrackLists::with_lost(Tracks tracks) const {
    append_new(tracks, lost_);
    return tracks;
}

bool TrackLists::is_remembered_as_removed(const Track& track) const {
    return track.removal >= 0 && track.removal >= removals_ - kRemembered;
}

void TrackLists::end_frame(Changes changes) {
    for (const TrackPointer& each : lost_) {
        if (frame_ - each->seen <= buffer_) continue;
        each->state = TrackState::Removed;
        changes.removed.push_back(each);
    }
    std::erase_if(tracked_, [](const TrackPointer& each) { return each->state != TrackState::Tracked; });
    append_new(tracked_, changes.activated);
    append_new(tracked_, changes.refound);
    const Ids found(tracked_);
    std::erase_if(lost_, [&](const TrackPointer& each) { return found.contains(each->id); });
    lost_.insert(lost_.end(), changes.newly_lost.begin(), changes.newly_lost.end());
    // What this frame removes is not among the removed ones yet: such a track can be found for one frame more.
    std::erase_if(lost_, [&](const TrackPointer& each) { return is_remembered_as_removed(*each); });
    drop_duplicates();
    for (const TrackPointer& each : changes.removed) each->removal = removals_++;
}

void TrackLists::drop_duplicates() {
    const CostMatrix costs = costs_between(tracked_, lost_);
    Tracks dropped_tracked;
    Tracks dropped_lost;
    for (std::size_t i = 0; i < costs.rows(); ++i) {
        for (std::size_t j = 0; j < costs.columns(); ++j) {
            if (!(costs.row(i)[j] < kDuplicate)) continue;
            if (tracked_[i]->age() > lost_[j]->age())
                dropped_lost.push_back(lost_[j]);
            else
                dropped_tracked.push_back(tracked_[i]);
        }
    }
    const Ids from_tracked(dropped_tracked);
    const Ids from_lost(dropped_lost);
    std::erase_if(tracked_, [&](const TrackPointer& each) { return from_tracked.contains(each->id); });
    std::erase_if(lost_, [&](const TrackPointer& each) { return from_lost.contains(each->id); });
}

CostMatrix TrackLists::costs_between(const Tracks& a, const Tracks& b) const {
    if (rotated_) return overlap_costs(distributions_of(a, form_), distributions_of(b, form_));
    return overlap_costs(corners_of(a, form_), corners_of(b, form_));
}

std::vector<TrackedObject> TrackLists::reported() const {
    std::vector<TrackedObject> out;
    for (const TrackPointer& each : tracked_) {
        if (each->shown && each->seen == frame_) out.push_back(each->reported(form_, rotated_));
    }
    return out;
}

bool TrackLists::has_hidden() const {
    return std::ranges::any_of(tracked_, [](const TrackPointer& each) { return !each->shown; });
}

void TrackLists::reset() {
    *this = TrackLists(form_, rotated_, buffer_);
}

void move_with_camera(const Tracks& tracks, const Warp& warp, bool rotated) {
    const double turn = rotated ? turn_of(warp) : 0;
    for (const TrackPointer& each : tracks) {
        apply(warp, rotated, each->kalman);
        each->angle += turn;
    }
}

std::vector<Corners> corners_of(const Tracks& tracks, BoxForm form) {
    std::vector<Corners> out;
    out.reserve(tracks.size());
    for (const TrackPointer& each : tracks) out.push_back(each->rounded_corners(form));
    return out;
}

std::vector<Corners> corners_of(std::span<const Observation> observations) {
    std::vector<Corners> out;
    out.reserve(observations.size());
    for (const Observation& each : observations) out.push_back(each.corners);
    return out;
}

std::vector<metrics::Gaussian> distributions_of(const Tracks& tracks, BoxForm form) {
    std::vector<metrics::Gaussian> out;
    out.reserve(tracks.size());
    for (const TrackPointer& each : tracks) out.push_back(each->distribution(form));
    return out;
}

std::vector<metrics::Gaussian> distributions_of(std::span<const Observation> observations) {
    std::vector<metrics::Gaussian> out;
    out.reserve(observations.size());
    for (const Observation& each : observations) out.push_back(each.distribution());
    return out;
}

}  // namespace yolovino::tracking
