#include "tasks/pose/pose_metric.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/keypoint_similarity.hpp"
#include "tasks/box_pairs.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/pose/decode.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kTruthNumbers = 3;  // x, y, v

std::vector<float> sigmas_of(const MetricArgs& args) {
    if (!args.oks_sigmas.empty()) return args.oks_sigmas;
    const KeypointShape& shape = args.decode.form.keypoints;
    const std::span<const float> coco = metrics::coco_sigmas();
    if (std::cmp_equal(shape.count, coco.size()) && shape.dims == 3) return {coco.begin(), coco.end()};
    const auto count = static_cast<std::size_t>(std::max(shape.count, 0));
    return std::vector<float>(count, 1.0F / static_cast<float>(std::max<std::size_t>(count, 1)));
}

/// Of a label, in pixels of the network's input: x, y, v of each.
std::vector<float> truth_keypoints(const data::Label& label, const vision::LetterboxGeometry& geometry) {
    std::vector<float> points = label.shape->points;
    const auto width = static_cast<float>(geometry.resized.width);
    const auto height = static_cast<float>(geometry.resized.height);
    for (std::size_t i = 0; i < points.size(); i += kTruthNumbers) {
        points[i] = points[i] * width + static_cast<float>(geometry.left_px);
        points[i + 1] = points[i + 1] * height + static_cast<float>(geometry.top_px);
    }
    return points;
}

/// What was found, object after object.
struct FoundKeypoints {
    std::vector<float> values;
    std::size_t numbers = 0;  ///< of one object

    std::span<const float> of(std::size_t object) const { return std::span(values).subspan(object * numbers, numbers); }
};

metrics::Overlaps similarities(const FoundKeypoints& found, std::size_t stride, std::span<const float> sigmas,
                               const metrics::ScoredImage& image, const Truths& truths,
                               const vision::LetterboxGeometry& geometry) {
    constexpr float kAreaShare = 0.53F;  // of a box that its object fills
    metrics::Overlaps overlaps(image.detections.size(), truths.size());
    for (std::size_t t = 0; t < truths.size(); ++t) {
        const data::Label& label = *truths[t];
        const std::vector<float> points = truth_keypoints(label, geometry);
        const vision::ModelBox box = geometry.to_model(label.cx, label.cy, label.width, label.height);
        const float area = (box.x2 - box.x1) * (box.y2 - box.y1) * kAreaShare;
        for (std::size_t d = 0; d < image.detections.size(); ++d) {
            if (image.detections[d].cls != image.truths[t]) continue;
            overlaps.at(d, t) = metrics::keypoint_similarity(points, found.of(d), stride, sigmas, area);
        }
    }
    return overlaps;
}

/// x, y, v of each keypoint of a label, in image pixels.
std::vector<double> coco_keypoints(const data::Label& label, ImageSize size) {
    if (!label.shape->keypoints.empty()) return label.shape->keypoints;
    std::vector<double> points(label.shape->points.begin(), label.shape->points.end());
    for (std::size_t i = 0; i < points.size(); i += kTruthNumbers) {
        points[i] *= size.width;
        points[i + 1] *= size.height;
    }
    return points;
}

/// @param found in image pixels
metrics::CocoImage match_coco(const std::vector<Box>& boxes, const FoundKeypoints& found, std::size_t stride,
                              std::span<const float> sigmas, const LabelledImage& labelled) {
    std::vector<metrics::CocoTruth> truths = coco_truths(labelled);
    std::vector<std::vector<double>> truth_points;
    for (std::size_t t = 0; t < truths.size(); ++t) {
        truth_points.push_back(coco_keypoints(labelled.labels[t], labelled.geometry.source));
        const std::vector<double>& points = truth_points.back();
        bool any = false;
        for (std::size_t i = 2; i < points.size(); i += kTruthNumbers) any = any || points[i] > 0;
        truths[t].ignored = !any;
    }
    std::vector<double> detected(sigmas.size() * kTruthNumbers);
    const auto overlap = [&](std::size_t d, std::size_t t) {
        for (std::size_t k = 0; k < sigmas.size(); ++k) {
            detected[k * kTruthNumbers] = static_cast<double>(found.of(d)[k * stride]);
            detected[k * kTruthNumbers + 1] = static_cast<double>(found.of(d)[k * stride + 1]);
        }
        return metrics::coco_keypoint_similarity(truth_points[t], detected, sigmas, truths[t]);
    };
    return metrics::match_coco(coco_detections(boxes), truths, metrics::kCocoPoses, overlap);
}

Keypoints drawn_keypoints(const Truths& truths, KeypointShape shape, const vision::LetterboxGeometry& geometry) {
    Keypoints drawn{shape, geometry.canvas, {}};
    for (const data::Label* truth : truths) {
        const std::vector<float> points = truth_keypoints(*truth, geometry);
        for (std::size_t i = 0; i < points.size(); i += kTruthNumbers) {
            // Two numbers have no place for what is hidden but the corner, which is not drawn.
            const bool hidden = shape.dims == 2 && points[i + 2] == 0;
            drawn.data.push_back(hidden ? 0 : points[i]);
            drawn.data.push_back(hidden ? 0 : points[i + 1]);
            if (shape.dims == 3) drawn.data.push_back(points[i + 2]);
        }
    }
    return drawn;
}

}  // namespace

const BoxMetric::Form& PoseMetric::form() {
    static const Form form{kShardMagic, {{"Box", "B"}, {"Pose", "P"}}};
    return form;
}

PoseMetric::PoseMetric(const MetricArgs& args) : BoxMetric(args, form()), sigmas_(sigmas_of(args)) {}

PoseMetric::PoseMetric(std::vector<metrics::Accumulator> parts) : BoxMetric(std::move(parts), form()) {}

MeasuredImage PoseMetric::add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) {
    const vision::LetterboxGeometry& geometry = labelled.geometry;
    const KeypointShape& shape = args().decode.form.keypoints;
    const auto stride = static_cast<std::size_t>(shape.dims);
    std::vector<ModelDetection> found = poses_of(outputs.first(), image, args().decode);
    keep_counting(found, args());
    FoundKeypoints keypoints{keypoints_of(outputs.first(), image, found, args().decode.form), keypoint_rows(shape)};
    std::vector<Box> boxes = boxes_in_image(found, geometry);
    const Truths truths = compared_truths(labelled);
    const metrics::ScoredImage scored = scored_image(found, truths);

    MeasuredImage out;
    if (labelled.drawn) {
        out.truths = drawn_truths(truths, geometry);
        out.truths.objects.keypoints = drawn_keypoints(truths, shape, geometry);
        out.predictions = drawn_predictions(found, geometry);
        Keypoints& drawn = out.predictions.objects.keypoints.emplace();
        drawn.shape = shape;
        drawn.orig_shape = geometry.canvas;
        for (std::size_t d = 0; d < found.size(); ++d) {
            if (is_drawn(found[d].conf))
                drawn.data.insert(drawn.data.end(), keypoints.of(d).begin(), keypoints.of(d).end());
        }
    }
    std::vector<Compared> compared;
    compared.push_back({box_overlaps(found, boxes, truths, geometry, args().protocol),
                        metrics::match_coco(coco_detections(boxes), coco_truths(labelled))});
    compared.push_back({similarities(keypoints, stride, sigmas_, scored, truths, geometry), {}});
    move_to_image(keypoints.values, shape, geometry);
    compared.back().coco = match_coco(boxes, keypoints, stride, sigmas_, labelled);
    record(labelled.index, scored, std::move(compared));

    out.results = results_of(geometry, std::move(boxes));
    out.results.keypoints = Keypoints{shape, geometry.source, std::move(keypoints.values)};
    return out;
}

void PoseMetric::place(ValPart second, ValResults& results) const {
    results.coco = part(0).coco();
    std::vector<const metrics::CocoImage*> images;
    for (const metrics::ImageRecord& each : part(1).images()) images.push_back(&each.coco);
    results.coco_keypoints = metrics::summarize_coco_keypoints(images);
    results.pose = std::move(second);
}

std::vector<std::string> PoseMetric::coco_lines(const ValResults& results) const {
    const CocoKeypointMetrics coco = results.coco_keypoints.value_or(CocoKeypointMetrics());
    return {"COCO protocol, boxes: " + coco_text(results.coco),
            fmt::format("COCO protocol, keypoints: AP {:.4f}, AP50 {:.4f}, AP75 {:.4f}, medium {:.4f}, large {:.4f}, "
                        "AR {:.4f}, AR50 {:.4f}, AR75 {:.4f}, medium {:.4f}, large {:.4f}",
                        coco.ap, coco.ap50, coco.ap75, coco.ap_medium, coco.ap_large, coco.ar, coco.ar50, coco.ar75,
                        coco.ar_medium, coco.ar_large)};
}

void PoseMetric::append_coco(nlohmann::ordered_json& root, const ValResults& results) const {
    root["coco"] = coco_json(results.coco);
    if (results.coco_keypoints) root["coco_keypoints"] = coco_json(*results.coco_keypoints);
}

}  // namespace yolovino::tasks
