#include "tracking/byte_tracker.hpp"

#include <algorithm>

#include "tracking/assignment.hpp"

namespace yolovino::tracking {

namespace {

constexpr double kLowLimit = 0.5;     // of the cost of boxes of low score
constexpr double kHiddenLimit = 0.7;  // of the cost of tracks that are not confirmed

}  // namespace

CostMatrix ByteTracker::costs(const Tracks& tracks, const Observations& found, bool fused) const {
    CostMatrix out = rotated_
                         ? overlap_costs(distributions_of(tracks, filter_.form()), distributions_of(std::span(found)))
                         : overlap_costs(corners_of(tracks, filter_.form()), corners_of(std::span(found)));
    if (!fused) return out;
    std::vector<float> scores;
    scores.reserve(found.size());
    for (const Observation& each : found) scores.push_back(each.conf);
    fuse_scores(out, scores);
    return out;
}

void ByteTracker::find(Track& track, const Observation& found) const {
    filter_.correct(track.kalman, found.measurement(filter_.form()));
    track.state = TrackState::Tracked;
    track.shown = true;
    track.seen = lists_.frame();
    track.describe(found, rotated_);
}

Tracks ByteTracker::match(const Tracks& tracks, const Observations& found, bool fused, double limit, Changes& changes,
                          Observations& unmatched) const {
    const Matching matching = assign(costs(tracks, found, fused), limit);
    for (const auto& [i, j] : matching.pairs) {
        Tracks& list = tracks[i]->state == TrackState::Tracked ? changes.activated : changes.refound;
        list.push_back(tracks[i]);
        find(*tracks[i], found[j]);
    }
    unmatched.clear();
    for (const std::size_t j : matching.columns) unmatched.push_back(found[j]);
    Tracks left;
    for (const std::size_t i : matching.rows) left.push_back(tracks[i]);
    return left;
}

void ByteTracker::start_tracks(const Observations& found, Changes& changes) {
    for (const Observation& each : found) {
        if (each.conf < static_cast<float>(settings_.new_track_thresh)) continue;
        const auto track = std::make_shared<Track>(each, filter_, lists_.next_id(), lists_.frame());
        track->shown = lists_.frame() == 1;
        changes.activated.push_back(track);
    }
}

std::vector<TrackedObject> ByteTracker::update(const FrameDetections& frame) {
    lists_.begin_frame();
    Observations high;
    Observations low;
    for (const Observation& each : observe(frame.found, rotated_)) {
        if (!(each.width > 0 && each.height > 0)) continue;
        if (each.conf >= static_cast<float>(settings_.track_high_thresh))
            high.push_back(each);
        else if (each.conf > static_cast<float>(settings_.track_low_thresh))
            low.push_back(each);
    }
    Tracks confirmed;
    Tracks hidden;
    for (const TrackPointer& each : lists_.tracked()) (each->shown ? confirmed : hidden).push_back(each);
    const Tracks pool = lists_.with_lost(std::move(confirmed));
    for (const TrackPointer& each : pool) {
        if (each->state != TrackState::Tracked) filter_.stop_growth(each->kalman);
        filter_.predict(each->kalman);
    }
    compensate(frame, pool);
    compensate(frame, hidden);

    Changes changes;
    Observations left;
    Observations ignored;
    Tracks missing = match(pool, high, settings_.fuse_score, settings_.match_thresh, changes, left);
    std::erase_if(missing, [](const TrackPointer& each) { return each->state != TrackState::Tracked; });
    changes.newly_lost = match(missing, low, false, kLowLimit, changes, ignored);
    for (const TrackPointer& each : changes.newly_lost) each->state = TrackState::Lost;
    Observations unclaimed;
    changes.removed = match(hidden, left, settings_.fuse_score, kHiddenLimit, changes, unclaimed);
    for (const TrackPointer& each : changes.removed) each->state = TrackState::Removed;
    start_tracks(unclaimed, changes);
    lists_.end_frame(std::move(changes));
    return lists_.reported();
}

void ByteTracker::compensate(const FrameDetections&, const Tracks&) const {}

}  // namespace yolovino::tracking
