#include "tasks/obb/obb_metric.hpp"

#include <utility>

#include "metrics/probiou.hpp"
#include "tasks/box_pairs.hpp"
#include "tasks/obb/decode.hpp"
#include "vision/label_outline.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kOutlinePoints = 100;

/// The rotated box of a label's polygon in pixels of the network's input.
RotatedBox truth_box(const data::Label& label, const vision::LetterboxGeometry& geometry) {
    std::vector<Point> outline;
    if (label.shape != nullptr) {
        const std::vector<float>& points = label.shape->points;
        for (std::size_t i = 0; i + 1 < points.size(); i += 2) outline.push_back({points[i], points[i + 1]});
        for (const std::vector<double>& polygon : label.shape->polygons) {
            for (std::size_t i = 0; i + 1 < polygon.size(); i += 2) {
                outline.push_back({static_cast<float>(polygon[i] / geometry.source.width),
                                   static_cast<float>(polygon[i + 1] / geometry.source.height)});
            }
        }
    }
    if (outline.empty()) return {};
    outline = vision::resampled(outline, kOutlinePoints);
    const auto width = static_cast<float>(geometry.resized.width);
    const auto height = static_cast<float>(geometry.resized.height);
    for (Point& point : outline) {
        point = {point.x * width + static_cast<float>(geometry.left_px),
                 point.y * height + static_cast<float>(geometry.top_px)};
    }
    RotatedBox box = vision::smallest_rotated_box(outline);
    box.cls = label.cls;
    box.conf = 1;
    return box;
}

metrics::Overlaps overlaps_of(const std::vector<RotatedDetection>& found, const std::vector<RotatedBox>& truths) {
    metrics::Overlaps overlaps(found.size(), truths.size());
    std::vector<metrics::Gaussian> detections;
    detections.reserve(found.size());
    for (const RotatedDetection& each : found) detections.push_back(metrics::gaussian_of(each.box));
    for (std::size_t t = 0; t < truths.size(); ++t) {
        const metrics::Gaussian truth = metrics::gaussian_of(truths[t]);
        for (std::size_t d = 0; d < found.size(); ++d) overlaps.at(d, t) = metrics::probiou(truth, detections[d]);
    }
    return overlaps;
}

}  // namespace

const BoxMetric::Form& ObbMetric::form() {
    static const Form form{kShardMagic, {{"Box", "B"}}};
    return form;
}

ObbMetric::ObbMetric(const MetricArgs& args) : BoxMetric(args, form()) {}

ObbMetric::ObbMetric(std::vector<metrics::Accumulator> parts) : BoxMetric(std::move(parts), form()) {}

MeasuredImage ObbMetric::add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) {
    const vision::LetterboxGeometry& geometry = labelled.geometry;
    std::vector<RotatedDetection> found = rotated_detections_of(outputs.first(), image, args().decode);
    keep_counting(found, args());
    const Truths truths = compared_truths(labelled);
    std::vector<RotatedBox> truth_boxes;
    for (const data::Label* truth : truths) truth_boxes.push_back(truth_box(*truth, geometry));
    std::vector<Compared> compared;
    compared.push_back({overlaps_of(found, truth_boxes), {}});
    record(labelled.index, scored_image(found, truths), std::move(compared));

    MeasuredImage out;
    out.results = results_of(geometry, {});
    std::vector<RotatedBox>& boxes = out.results.obb.emplace();
    for (const RotatedDetection& each : found) boxes.push_back(to_image(each, geometry));
    if (!labelled.drawn) return out;
    out.truths.objects.orig_shape = out.predictions.objects.orig_shape = geometry.canvas;
    out.truths.objects.obb = std::move(truth_boxes);
    std::vector<RotatedBox>& drawn = out.predictions.objects.obb.emplace();
    for (const RotatedDetection& each : found) {
        const metrics::RotatedRect& box = each.box;
        if (is_drawn(each.conf))
            drawn.push_back({box.cx, box.cy, box.width, box.height, box.angle, each.conf, each.cls});
    }
    return out;
}

}  // namespace yolovino::tasks
