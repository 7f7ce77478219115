#include "tracking/track.hpp"

#include <cmath>
#include <numbers>

namespace yolovino::tracking {

namespace {

bool is_finite(const Detection& each) {
    return std::isfinite(each.cx) && std::isfinite(each.cy) && std::isfinite(each.width) &&
           std::isfinite(each.height) && std::isfinite(each.angle) && std::isfinite(each.conf);
}

Observation observed(const Detection& from, bool rotated) {
    double width = double{from.width};
    double height = double{from.height};
    double angle = double{from.angle};
    if (rotated && width < height) {
        std::swap(width, height);
        angle += std::numbers::pi / 2;
    }
    Observation out;
    const auto left = static_cast<float>(double{from.cx} - width / 2);
    const auto top = static_cast<float>(double{from.cy} - height / 2);
    out.width = static_cast<float>(width);
    out.height = static_cast<float>(height);
    out.corners = {left, top, left + out.width, top + out.height};
    out.cx = left + out.width / 2;
    out.cy = top + out.height / 2;
    out.angle = angle;
    out.conf = from.conf;
    out.cls = from.cls;
    out.index = from.index;
    return out;
}

}  // namespace

Measurement Observation::measurement(BoxForm form) const {
    return {cx, cy, form == BoxForm::AspectHeight ? width / height : width, height};
}

metrics::Gaussian Observation::distribution() const {
    return metrics::gaussian_of(metrics::RotatedRect{cx, cy, width, height, static_cast<float>(angle)});
}

std::vector<Observation> observe(std::span<const Detection> detections, bool rotated) {
    std::vector<Observation> out;
    out.reserve(detections.size());
    for (const Detection& each : detections) {
        if (is_finite(each)) out.push_back(observed(each, rotated));
    }
    return out;
}

void Course::add(std::int64_t frame, const PastCorners& corners) {
    if (places.size() == kKept) places.erase(places.begin());
    places.push_back({frame, corners});
}

Track::Track(const Observation& from, const KalmanFilter& filter, int number, std::int64_t frame)
    : id(number),
      started(frame),
      seen(frame),
      kalman(filter.initiate(from.measurement(filter.form()))),
      angle(from.angle),
      conf(from.conf),
      cls(from.cls),
      index(from.index) {
    course.previous_conf = from.conf;
}

std::array<double, 4> Track::corners(BoxForm form) const {
    const auto& mean = kalman.mean;
    const double height = mean[3];
    const double width = form == BoxForm::AspectHeight ? mean[2] * height : mean[2];
    const double left = mean[0] - width / 2;
    const double top = mean[1] - height / 2;
    return {left, top, left + width, top + height};
}

Corners Track::rounded_corners(BoxForm form) const {
    const std::array<double, 4> at = corners(form);
    return {static_cast<float>(at[0]), static_cast<float>(at[1]), static_cast<float>(at[2]), static_cast<float>(at[3])};
}

metrics::Gaussian Track::distribution(BoxForm form) const {
    const TrackedObject box = reported(form, true);
    return metrics::gaussian_of(metrics::RotatedRect{box.box[0], box.box[1], box.box[2], box.box[3], box.angle});
}

TrackedObject Track::reported(BoxForm form, bool rotated) const {
    TrackedObject out;
    if (rotated) {
        const auto& mean = kalman.mean;
        const double height = mean[3];
        const double width = form == BoxForm::AspectHeight ? mean[2] * height : mean[2];
        out.box = {static_cast<float>(mean[0] - width / 2 + width / 2),
                   static_cast<float>(mean[1] - height / 2 + height / 2), static_cast<float>(width),
                   static_cast<float>(height)};
        out.angle = static_cast<float>(angle);
    } else {
        const Corners at = rounded_corners(form);
        out.box = {at.x1, at.y1, at.x2, at.y2};
    }
    out.id = id;
    out.conf = conf;
    out.cls = cls;
    out.index = index;
    return out;
}

void Track::describe(const Observation& found, bool rotated) {
    conf = found.conf;
    cls = found.cls;
    index = found.index;
    // A half turn gives the same box: the one that is next to the angle so far.
    if (rotated) angle = found.angle - std::numbers::pi * std::nearbyint((found.angle - angle) / std::numbers::pi);
}

}  // namespace yolovino::tracking
