#include "tasks/detect/detect_metric.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "tasks/box_pairs.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/finished_rows.hpp"

namespace yolovino::tasks {

const BoxMetric::Form& DetectMetric::form() {
    static const Form form{metrics::kShardMagic, {{"Box", "B"}}};
    return form;
}

DetectMetric::DetectMetric(const MetricArgs& args) : BoxMetric(args, form()) {}

DetectMetric::DetectMetric(metrics::Accumulator accumulator) : BoxMetric({std::move(accumulator)}, form()) {}

MeasuredImage DetectMetric::add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) {
    const vision::LetterboxGeometry& geometry = labelled.geometry;
    std::vector<ModelDetection> found = detections_of(outputs.first(), image, args().decode);
    keep_counting(found, args());
    std::vector<Box> boxes = boxes_in_image(found, geometry);
    const Truths truths = compared_truths(labelled);
    std::vector<Compared> compared;
    compared.push_back({box_overlaps(found, boxes, truths, geometry, args().protocol),
                        metrics::match_coco(coco_detections(boxes), coco_truths(labelled))});
    record(labelled.index, scored_image(found, truths), std::move(compared));
    MeasuredImage out;
    out.results = results_of(geometry, std::move(boxes));
    if (labelled.drawn) {
        out.truths = drawn_truths(truths, geometry);
        out.predictions = drawn_predictions(found, geometry);
    }
    return out;
}

void DetectMetric::place(ValPart, ValResults& results) const {
    results.coco = part(0).coco();
}

std::vector<std::string> DetectMetric::coco_lines(const ValResults& results) const {
    return {"COCO protocol: " + coco_text(results.coco)};
}

void DetectMetric::append_coco(nlohmann::ordered_json& root, const ValResults& results) const {
    root["coco"] = coco_json(results.coco);
}

}  // namespace yolovino::tasks
