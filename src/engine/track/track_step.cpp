#include "engine/track/track_step.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "tasks/selection.hpp"
#include "tracking/make_tracker.hpp"
#include "tracking/overlap.hpp"

namespace yolovino::engine {

namespace {

constexpr float kSameBox = 0.97F;  // overlap from which on a box is none that was recovered

tracking::Detection detection_of(const Box& box) {
    return {.cx = (box.x1 + box.x2) / 2,
            .cy = (box.y1 + box.y2) / 2,
            .width = box.x2 - box.x1,
            .height = box.y2 - box.y1,
            .conf = box.conf,
            .cls = box.cls};
}

tracking::Detection detection_of(const RotatedBox& box) {
    return {.cx = box.cx,
            .cy = box.cy,
            .width = box.width,
            .height = box.height,
            .angle = box.angle,
            .conf = box.conf,
            .cls = box.cls};
}

template <typename Object>
std::vector<tracking::Detection> detections_of(const std::vector<Object>& objects) {
    std::vector<tracking::Detection> out;
    out.reserve(objects.size());
    for (const Object& each : objects) {
        out.push_back(detection_of(each));
        out.back().index = static_cast<int>(out.size()) - 1;
    }
    return out;
}

tracking::Corners corners_of(const Box& box) {
    return {box.x1, box.y1, box.x2, box.y2};
}

tracking::Corners corners_of(const RotatedBox& box) {
    return corners_of(box.xyxy());
}

/// Those of `loose` that are not among the others.
template <typename Object>
std::vector<tracking::Detection> recovered(const std::vector<Object>& loose, const std::vector<Object>& tight) {
    if (tight.empty()) return {};
    std::vector<tracking::Corners> from;
    std::vector<tracking::Corners> to;
    from.reserve(loose.size());
    to.reserve(tight.size());
    for (const Object& each : loose) from.push_back(corners_of(each));
    for (const Object& each : tight) to.push_back(corners_of(each));
    const tracking::CostMatrix overlaps = tracking::overlaps(from, to);
    std::vector<tracking::Detection> out;
    for (std::size_t i = 0; i < loose.size(); ++i) {
        if (std::ranges::max(overlaps.row(i)) < kSameBox) out.push_back(detection_of(loose[i]));
    }
    return out;
}

Box box_of(const tracking::TrackedObject& object, ImageSize size) {
    const auto width = static_cast<float>(size.width);
    const auto height = static_cast<float>(size.height);
    return {.x1 = std::clamp(object.box[0], 0.0F, width),
            .y1 = std::clamp(object.box[1], 0.0F, height),
            .x2 = std::clamp(object.box[2], 0.0F, width),
            .y2 = std::clamp(object.box[3], 0.0F, height),
            .conf = object.conf,
            .cls = object.cls,
            .id = object.id};
}

RotatedBox rotated_box_of(const tracking::TrackedObject& object) {
    return {.cx = object.box[0],
            .cy = object.box[1],
            .width = object.box[2],
            .height = object.box[3],
            .angle = object.angle,
            .conf = object.conf,
            .cls = object.cls,
            .id = object.id};
}

/// Replaces what was found by what is tracked.
void report(Results& results, const std::vector<tracking::TrackedObject>& objects) {
    const std::size_t count = results.obb ? results.obb->size() : results.boxes.size();
    std::vector<std::size_t> indices;
    indices.reserve(objects.size());
    // What was recovered is no object of the list; as in Ultralytics the last one stands for it
    for (const tracking::TrackedObject& each : objects)
        indices.push_back(each.index >= 0 ? static_cast<std::size_t>(each.index) : count - 1);
    tasks::select(results, indices);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (results.obb)
            (*results.obb)[i] = rotated_box_of(objects[i]);
        else
            results.boxes[i] = box_of(objects[i], results.orig_shape);
    }
}

}  // namespace

TrackStep::Follower& TrackStep::follower_of(const Predicted& item) {
    const bool is_stream = item.frame.kind == data::SourceKind::Stream;
    Follower& follower = followers_[is_stream ? item.frame.item : 0];
    if (!follower.tracker) {
        follower.tracker = tracking::make_tracker(settings_, item.results.obb.has_value());
        if (settings_.camera_motion) follower.motion = tracking::make_camera_motion();
    } else if (!persist_ && follower.path != item.frame.path) {
        follower.tracker->reset();
        if (follower.motion) follower.motion->reset();
    }
    follower.path = item.frame.path;
    return follower;
}

std::optional<tracking::Warp> TrackStep::warp_of(Follower& follower, const Image& image) const {
    if (!follower.motion) return std::nullopt;
    const tracking::CameraMotion::Estimate estimate = follower.motion->update(image.view());
    if (!estimate.problem.empty() && !std::exchange(follower.warned, true))
        base::warn("the movement of the camera cannot be estimated in each frame: {}", estimate.problem);
    return estimate.warp;
}

void TrackStep::apply(Predicted& item) {
    Results& results = item.results;
    Follower& follower = follower_of(item);
    const std::vector<tracking::Detection> found =
        results.obb ? detections_of(*results.obb) : detections_of(results.boxes);
    std::vector<tracking::Detection> others;
    if (item.second && item.second->obb && results.obb)
        others = recovered(*item.second->obb, *results.obb);
    else if (item.second)
        others = recovered(item.second->boxes, results.boxes);
    item.second.reset();
    const std::vector<tracking::TrackedObject> objects =
        follower.tracker->update({.found = found, .recovered = others, .warp = warp_of(follower, results.orig_img)});
    // Where nothing is tracked, the detections stay; but not while the tracker still hides objects
    if (!objects.empty() || follower.tracker->has_hidden_tracks()) report(results, objects);
}

}  // namespace yolovino::engine
