#include "tracking/track_track.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace yolovino::tracking {

namespace {

constexpr float kTouching = 0.1F;      // overlap from which on directions are compared
constexpr std::int64_t kLookBack = 3;  // frames over which directions are taken
constexpr float kLeastNoise = 0.05F;

/// x and y of the corners left top, left bottom, right top, right bottom in x1, y1, x2, y2.
constexpr std::array<std::size_t, 4> kXs = {0, 0, 2, 2};
constexpr std::array<std::size_t, 4> kYs = {1, 3, 1, 3};

std::array<float, 4> numbers_of(const Corners& corners) {
    return {corners.x1, corners.y1, corners.x2, corners.y2};
}

PastCorners past_of(const Corners& corners) {
    PastCorners out{.corners = {}, .single = true};
    std::ranges::copy(numbers_of(corners), out.corners.begin());
    return out;
}

/// Unit vectors from past corners to a box, in the precision of the past.
template <typename Real>
std::array<std::array<Real, 2>, 4> directions(const PastCorners& past, const Corners& to) {
    constexpr Real kEpsilon = static_cast<Real>(1e-5);
    const std::array<float, 4> end = numbers_of(to);
    std::array<Real, 4> way{};
    for (std::size_t i = 0; i < way.size(); ++i)
        way[i] = static_cast<Real>(end[i]) - static_cast<Real>(past.corners[i]);
    std::array<std::array<Real, 2>, 4> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Real dx = way[kXs[i]];
        const Real dy = way[kYs[i]];
        const Real length = std::sqrt(dx * dx + dy * dy) + kEpsilon;
        out[i] = {dx / length, dy / length};
    }
    return out;
}

/// Share of a half turn between the velocities and the way to a box, times the score.
template <typename Real>
Real turned(const Course& course, const PastCorners& past, const Observation& found) {
    Real sum = 0;
    const auto way = directions<Real>(past, found.corners);
    for (std::size_t i = 0; i < way.size(); ++i) {
        const Real along =
            static_cast<Real>(course.velocity[i][0]) * way[i][0] + static_cast<Real>(course.velocity[i][1]) * way[i][1];
        sum += std::abs(std::acos(std::clamp(along, Real{-1}, Real{1})));
    }
    return sum / 4 / std::numbers::pi_v<Real> * static_cast<Real>(found.conf);
}

/// Adds the unit vectors, the nearer in time the heavier.
template <typename Real>
void add_directions(std::array<std::array<float, 2>, 4>& velocity, const PastCorners& past, const Corners& to,
                    std::int64_t frames) {
    const auto way = directions<Real>(past, to);
    for (std::size_t i = 0; i < way.size(); ++i) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const Real share = way[i][axis] / static_cast<Real>(frames);
            velocity[i][axis] = static_cast<float>(static_cast<Real>(velocity[i][axis]) + share);
        }
    }
}

/// Intersection over union, times how much of the height of both is shared.
float height_overlap(const Corners& a, const Corners& b, float overlap) {
    const float shared = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    const float whole = std::max(a.y2, b.y2) - std::min(a.y1, b.y1);
    return std::clamp(shared / (whole + 1e-9F), 0.0F, 1.0F) * overlap;
}

void add_to_columns(CostMatrix& costs, std::size_t from, std::size_t to, double penalty) {
    for (std::size_t i = 0; i < costs.rows(); ++i) {
        for (float& each : costs.row(i).subspan(from, to - from))
            each = std::clamp(each + static_cast<float>(penalty), 0.0F, 1.0F);
    }
}

std::vector<Observation> those(const std::vector<Observation>& all, const std::vector<std::size_t>& indices) {
    std::vector<Observation> out;
    out.reserve(indices.size());
    for (const std::size_t index : indices) out.push_back(all[index]);
    return out;
}

}  // namespace

TrackTrack::Candidates TrackTrack::candidates_of(const FrameDetections& frame) const {
    const auto high = static_cast<float>(settings_.track_high_thresh);
    const auto low = static_cast<float>(settings_.track_low_thresh);
    Candidates out;
    const Observations found = observe(frame.found, rotated_);
    std::ranges::copy_if(found, std::back_inserter(out.all), [&](const auto& each) { return each.conf >= high; });
    out.high = out.all.size();
    std::ranges::copy_if(found, std::back_inserter(out.all),
                         [&](const auto& each) { return each.conf > low && each.conf < high; });
    out.low = out.all.size() - out.high;
    for (Observation& each : observe(frame.recovered, rotated_)) {
        each.index = TrackedObject::kRecovered;
        if (each.conf > high) out.all.push_back(each);
    }
    return out;
}

void TrackTrack::predict(const FrameDetections& frame, const Tracks& tracks) const {
    if (frame.warp) move_with_camera(tracks, *frame.warp, rotated_);
    for (const TrackPointer& each : tracks) {
        if (each->state != TrackState::Tracked) filter_.stop_growth(each->kalman);
        filter_.predict(each->kalman);
    }
}

/// Where the track was so many frames ago; if nothing is known of that frame, where it was last.
PastCorners TrackTrack::corners_before(const Track& track, std::int64_t frames) const {
    const auto& places = track.course.places;
    const auto at = std::ranges::find(places, lists_.frame() - frames, &Course::Place::frame);
    if (at != places.end()) return at->at;
    return places.empty() ? PastCorners{track.corners(filter_.form()), false} : places.back().at;
}

float TrackTrack::direction_cost(const Track& track, const Observation& found, float cost) const {
    const PastCorners past = corners_before(track, kLookBack);
    if (past.single)
        return cost + static_cast<float>(settings_.angle_weight) * turned<float>(track.course, past, found);
    return static_cast<float>(static_cast<double>(cost) +
                              settings_.angle_weight * turned<double>(track.course, past, found));
}

CostMatrix TrackTrack::costs(const Tracks& tracks, std::span<const Observation> found) const {
    const std::vector<Corners> from = corners_of(tracks, filter_.form());
    CostMatrix out = overlaps(from, corners_of(found));
    for (std::size_t i = 0; i < out.rows(); ++i) {
        const Track& track = *tracks[i];
        const float expected = track.conf + (track.conf - track.course.previous_conf);
        const std::span<float> row = out.row(i);
        for (std::size_t j = 0; j < row.size(); ++j) {
            const float overlap = row[j];
            if (!(overlap > kTouching)) {
                row[j] = 1;
                continue;
            }
            float cost = 1 - height_overlap(from[i], found[j].corners, overlap);
            cost += static_cast<float>(settings_.conf_weight) * std::abs(expected - found[j].conf);
            row[j] = std::clamp(direction_cost(track, found[j], cost), 0.0F, 1.0F);
        }
    }
    return out;
}

void TrackTrack::correct(Track& track, const Observation& found) const {
    track.seen = lists_.frame();
    track.course.previous_conf = track.conf;
    const double noise = std::max(1.0 - static_cast<double>(found.conf), static_cast<double>(kLeastNoise));
    filter_.correct(track.kalman, found.measurement(filter_.form()), noise);
}

std::array<std::array<float, 2>, 4> TrackTrack::velocity_of(const Track& track, const Observation& found) const {
    std::array<std::array<float, 2>, 4> velocity = {};
    for (std::int64_t frames = 1; frames <= kLookBack; ++frames) {
        const PastCorners past = corners_before(track, frames);
        if (past.single)
            add_directions<float>(velocity, past, found.corners, frames);
        else
            add_directions<double>(velocity, past, found.corners, frames);
    }
    for (auto& corner : velocity) {
        for (float& axis : corner) axis /= static_cast<float>(kLookBack);
    }
    return velocity;
}

/// What is tracked or new was found.
void TrackTrack::find(Track& track, const Observation& found) const {
    correct(track, found);
    track.course.add(lists_.frame(), past_of(found.corners));
    ++track.course.length;
    track.course.velocity = velocity_of(track, found);
    track.describe(found, rotated_);
    if (track.state != TrackState::Tracked && track.course.length + 1 < settings_.min_track_len) return;
    track.state = TrackState::Tracked;
    track.shown = true;
}

/// What was lost was found.
void TrackTrack::find_again(Track& track, const Observation& found) const {
    correct(track, found);
    track.course.add(lists_.frame(), {track.corners(filter_.form()), false});
    track.course.length = 0;
    track.describe(found, rotated_);
    track.state = TrackState::Tracked;
    track.shown = true;
}

/// Of the boxes with a high score, those that are left.
TrackTrack::Observations TrackTrack::match_pool(const Tracks& pool, const Candidates& candidates,
                                                Changes& changes) const {
    CostMatrix matrix = costs(pool, candidates.all);
    const std::size_t recovered = candidates.high + candidates.low;
    add_to_columns(matrix, candidates.high, recovered, settings_.penalty_p);
    add_to_columns(matrix, recovered, candidates.all.size(), settings_.penalty_q);
    Matching matching = match_mutually(matrix, settings_.match_thresh, settings_.reduce_step);
    for (const auto& [i, j] : matching.pairs) {
        const bool was_lost = pool[i]->state != TrackState::Tracked;
        if (was_lost)
            find_again(*pool[i], candidates.all[j]);
        else
            find(*pool[i], candidates.all[j]);
        (was_lost ? changes.refound : changes.activated).push_back(pool[i]);
    }
    for (const std::size_t i : matching.rows) {
        if (pool[i]->state == TrackState::Lost) continue;
        pool[i]->state = TrackState::Lost;
        changes.newly_lost.push_back(pool[i]);
    }
    std::erase_if(matching.columns, [&](std::size_t column) { return column >= candidates.high; });
    return those(candidates.all, matching.columns);
}

TrackTrack::Observations TrackTrack::match_hidden(const Tracks& hidden, const Observations& found,
                                                  Changes& changes) const {
    const Matching matching = match_mutually(costs(hidden, found), settings_.match_thresh, settings_.reduce_step);
    for (const auto& [i, j] : matching.pairs) {
        find(*hidden[i], found[j]);
        changes.activated.push_back(hidden[i]);
    }
    for (const std::size_t i : matching.rows) {
        hidden[i]->state = TrackState::Removed;
        changes.removed.push_back(hidden[i]);
    }
    return those(found, matching.columns);
}

/// Tracks that were lost before this frame get what nobody else took.
TrackTrack::Observations TrackTrack::match_lost(const Tracks& pool, const Observations& found, Changes& changes) const {
    Tracks lost;
    for (const TrackPointer& each : pool) {
        const bool now = std::ranges::find(changes.newly_lost, each) != changes.newly_lost.end();
        if (each->state == TrackState::Lost && !now) lost.push_back(each);
    }
    const Matching matching = match_mutually(costs(lost, found), settings_.lost_match_thr, settings_.reduce_step);
    for (const auto& [i, j] : matching.pairs) {
        find_again(*lost[i], found[j]);
        changes.refound.push_back(lost[i]);
    }
    return those(found, matching.columns);
}

/// Which boxes have the score to start a track and overlap neither a track nor a better one of them.
std::vector<std::uint8_t> TrackTrack::may_start(const Observations& found, const Changes& changes) const {
    const auto limit = static_cast<float>(settings_.tai_thr);
    Tracks present;
    std::ranges::copy_if(lists_.tracked(), std::back_inserter(present),
                         [](const TrackPointer& each) { return each->state == TrackState::Tracked; });
    present.insert(present.end(), changes.activated.begin(), changes.activated.end());
    const std::vector<Corners> boxes = corners_of(std::span(found));
    const CostMatrix with_tracks = overlaps(boxes, corners_of(present, filter_.form()));
    const CostMatrix with_others = overlaps(boxes, boxes);
    std::vector<std::uint8_t> may(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool covered = std::ranges::any_of(with_tracks.row(i), [&](float each) { return !(each <= limit); });
        may[i] = found[i].conf > static_cast<float>(settings_.new_track_thresh) && !covered ? 1 : 0;
    }
    std::vector<std::size_t> order(found.size());
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return found[a].conf > found[b].conf; });
    for (const std::size_t i : order) {
        if (may[i] == 0) continue;
        for (std::size_t j = 0; j < found.size(); ++j) {
            if (j != i && with_others.row(i)[j] > limit) may[j] = 0;
        }
    }
    return may;
}

void TrackTrack::start_tracks(const Observations& found, Changes& changes) {
    const std::vector<std::uint8_t> may = may_start(found, changes);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (may[i] == 0) continue;
        const auto track = std::make_shared<Track>(found[i], filter_, lists_.next_id(), lists_.frame());
        track->course.add(lists_.frame(), {track->corners(filter_.form()), false});
        track->state = settings_.min_track_len <= 1 ? TrackState::Tracked : TrackState::New;
        track->shown = lists_.frame() == 1 || track->state == TrackState::Tracked;
        changes.activated.push_back(track);
    }
}

std::vector<TrackedObject> TrackTrack::update(const FrameDetections& frame) {
    lists_.begin_frame();
    const Candidates candidates = candidates_of(frame);
    Tracks confirmed;
    Tracks hidden;
    for (const TrackPointer& each : lists_.tracked())
        (each->state == TrackState::Tracked ? confirmed : hidden).push_back(each);
    const Tracks pool = lists_.with_lost(std::move(confirmed));
    predict(frame, pool);
    predict(frame, hidden);
    Changes changes;
    Observations left = match_pool(pool, candidates, changes);
    left = match_hidden(hidden, left, changes);
    if (settings_.lost_match_thr > 0) left = match_lost(pool, left, changes);
    start_tracks(left, changes);
    lists_.end_frame(std::move(changes));
    return lists_.reported();
}

}  // namespace yolovino::tracking
