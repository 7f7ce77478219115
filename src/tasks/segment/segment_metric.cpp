#include "tasks/segment/segment_metric.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/fail.hpp"
#include "metrics/mask_overlap.hpp"
#include "tasks/segment/decode.hpp"
#include "tasks/segment/mask_grid.hpp"
#include "tasks/segment/truth_masks.hpp"
#include "vision/label_outline.hpp"
#include "vision/mask_resizer.hpp"

namespace yolovino::tasks {

namespace {

/// Masks of the detections of one image in the spaces that are compared, each made when it is first asked for.
class FoundMasks {
public:
    FoundMasks(const ModelSegments& found, const vision::LetterboxGeometry& geometry)
        : found_(found),
          geometry_(geometry),
          input_(MaskGrid::at_input(found.prototypes, geometry)),
          resizer_({geometry.top_px, geometry.left_px, geometry.resized.height, geometry.resized.width},
                   geometry.source),
          in_image_(found.detections.size()),
          runs_(found.detections.size()) {}

    Masks::Instance at_prototypes(std::size_t i) const {
        return mask(MaskGrid::at_prototypes(found_.prototypes, geometry_), i);
    }
    Masks::Instance at_input(std::size_t i) const { return mask(input_, i); }

    /// As Ultralytics writes them: enlarged to the input, then resized to the image; only whole pixels stay.
    const Masks::Instance& in_image(std::size_t i) {
        if (!in_image_[i]) in_image_[i] = resizer_.resize(at_input(i), vision::MaskResizer::kWhole);
        return *in_image_[i];
    }
    const metrics::Runs& runs(std::size_t i) {
        if (!runs_[i]) runs_[i] = metrics::runs_of_mask(in_image(i), geometry_.source);
        return *runs_[i];
    }
    std::uint64_t area(std::size_t i) { return metrics::area_px(in_image(i)); }

private:
    Masks::Instance mask(const MaskGrid& grid, std::size_t i) const {
        return grid.mask(found_.coefficients_of(i), found_.detections[i].box);
    }

    const ModelSegments& found_;
    const vision::LetterboxGeometry& geometry_;
    MaskGrid input_;
    vision::MaskResizer resizer_;
    std::vector<std::optional<Masks::Instance>> in_image_;
    std::vector<std::optional<metrics::Runs>> runs_;
};

void keep_counting(ModelSegments& found, const MetricArgs& args) {
    ModelSegments kept;
    kept.prototypes = found.prototypes;
    for (std::size_t i = 0; i < found.detections.size(); ++i) {
        if (!counts(found.detections[i].cls, args)) continue;
        const std::span<const float> coefficients = found.coefficients_of(i);
        kept.detections.push_back(found.detections[i]);
        kept.coefficients.insert(kept.coefficients.end(), coefficients.begin(), coefficients.end());
    }
    found = std::move(kept);
}

/// Of detections and labels of one class; those of others are never compared.
metrics::Overlaps mask_overlaps(const std::vector<Masks::Instance>& found, const MaskedTruths& truths,
                                const metrics::ScoredImage& image) {
    constexpr float kEpsilon = 1e-7F;
    metrics::Overlaps overlaps(found.size(), truths.masks.size());
    std::vector<float> areas;
    for (const Masks::Instance& mask : truths.masks) areas.push_back(static_cast<float>(metrics::area_px(mask)));
    for (std::size_t d = 0; d < found.size(); ++d) {
        const auto area = static_cast<float>(metrics::area_px(found[d]));
        for (std::size_t t = 0; t < truths.masks.size(); ++t) {
            if (image.truths[t] != image.detections[d].cls) continue;
            const auto shared = static_cast<float>(metrics::shared_px(found[d], truths.masks[t]));
            overlaps.at(d, t) = shared / (areas[t] + area - shared + kEpsilon);
        }
    }
    return overlaps;
}

/// COCO's protocol of boxes and masks; the area of a label without annotations is that of its mask.
std::pair<metrics::CocoImage, metrics::CocoImage> match_coco(const std::vector<Box>& boxes,
                                                             const LabelledImage& labelled, FoundMasks& masks) {
    const ImageSize size = labelled.geometry.source;
    const std::vector<metrics::CocoDetection> found = coco_detections(boxes);
    std::vector<metrics::CocoTruth> truths = coco_truths(labelled);
    std::vector<metrics::Runs> runs;
    for (std::size_t t = 0; t < truths.size(); ++t) {
        runs.push_back(coco_mask(labelled.labels[t], size));
        if (!labelled.labels[t].exact) truths[t].area = static_cast<double>(metrics::area_of(runs[t]));
    }
    std::vector<double> areas;
    for (const metrics::Runs& each : runs) areas.push_back(static_cast<double>(metrics::area_of(each)));
    const auto overlap = [&](std::size_t d, std::size_t t) {
        const auto shared = static_cast<double>(metrics::shared_area(masks.runs(d), runs[t]));
        if (shared == 0) return 0.0;
        const auto area = static_cast<double>(masks.area(d));
        return shared / (truths[t].crowd ? area : area + areas[t] - shared);
    };
    return {metrics::match_coco(found, truths), metrics::match_coco(found, truths, metrics::kCocoDetections, overlap)};
}

void expect_quarter(ImageSize prototypes, ImageSize canvas) {
    constexpr int kQuarter = 4;
    if (prototypes.height == canvas.height / kQuarter && prototypes.width == canvas.width / kQuarter) return;
    throw Error(ErrorCode::ShapeMismatch, "val",
                fmt::format("the prototypes of the masks are {}x{} at an input of {}x{}, wanted a quarter of it",
                            prototypes.height, prototypes.width, canvas.height, canvas.width));
}

}  // namespace

const BoxMetric::Form& SegmentMetric::form() {
    static const Form form{kShardMagic, {{"Box", "B"}, {"Mask", "M"}}};
    return form;
}

SegmentMetric::SegmentMetric(const MetricArgs& args) : BoxMetric(args, form()) {}

SegmentMetric::SegmentMetric(std::vector<metrics::Accumulator> parts) : BoxMetric(std::move(parts), form()) {}

MeasuredImage SegmentMetric::add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) {
    const vision::LetterboxGeometry& geometry = labelled.geometry;
    ModelSegments found = segment_in_model(outputs, image, args().decode);
    expect_quarter(found.prototypes.size, geometry.canvas);
    keep_counting(found, args());
    std::vector<Box> boxes = boxes_in_image(found.detections, geometry);
    MaskedTruths labels = masked_truths(labelled, args().overlap_mask);
    FoundMasks masks(found, geometry);
    std::vector<Masks::Instance> compared_masks;
    for (std::size_t i = 0; i < boxes.size(); ++i)
        compared_masks.push_back(args().writes_objects ? masks.at_input(i) : masks.at_prototypes(i));

    MeasuredImage out;
    if (labelled.drawn) {
        out.truths = drawn_truths(labels.truths, geometry);
        out.truths.objects.masks = {found.prototypes.size, geometry.canvas, labels.masks};
        out.predictions = drawn_predictions(found.detections, geometry);
        Masks& drawn = out.predictions.objects.masks.emplace();
        drawn.shape = args().writes_objects ? geometry.canvas : found.prototypes.size;
        drawn.orig_shape = geometry.canvas;
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            if (is_drawn(boxes[i].conf)) drawn.instances.push_back(compared_masks[i]);
        }
    }
    if (args().writes_objects) {
        for (Masks::Instance& mask : labels.masks) mask = vision::enlarged_four_times(mask, found.prototypes.size);
    }
    const metrics::ScoredImage scored = scored_image(found.detections, labels.truths);
    auto [coco_boxes, coco_masks] = match_coco(boxes, labelled, masks);
    std::vector<Compared> compared;
    compared.push_back(
        {box_overlaps(found.detections, boxes, labels.truths, geometry, args().protocol), std::move(coco_boxes)});
    compared.push_back({mask_overlaps(compared_masks, labels, scored), std::move(coco_masks)});
    record(labelled.index, scored, std::move(compared));

    out.results = results_of(geometry, std::move(boxes));
    if (args().writes_objects && !found.detections.empty()) {
        Masks& written = out.results.masks.emplace();
        written.shape = written.orig_shape = geometry.source;
        for (std::size_t i = 0; i < found.detections.size(); ++i) written.instances.push_back(masks.in_image(i));
    }
    return out;
}

void SegmentMetric::place(ValPart second, ValResults& results) const {
    results.coco = part(0).coco();
    results.coco_masks = part(1).coco();
    results.seg = std::move(second);
}

std::vector<std::string> SegmentMetric::coco_lines(const ValResults& results) const {
    return {"COCO protocol, boxes: " + coco_text(results.coco),
            "COCO protocol, masks: " + coco_text(results.coco_masks.value_or(CocoMetrics()))};
}

void SegmentMetric::append_coco(nlohmann::ordered_json& root, const ValResults& results) const {
    root["coco"] = coco_json(results.coco);
    if (results.coco_masks) root["coco_masks"] = coco_json(*results.coco_masks);
}

}  // namespace yolovino::tasks
