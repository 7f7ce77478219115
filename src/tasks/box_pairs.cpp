#include "tasks/box_pairs.hpp"

#include "plots/plots.hpp"
#include "tasks/detect/coco_row.hpp"

namespace yolovino::tasks {

namespace {

metrics::Rect rect_of(const vision::ModelBox& box) {
    return {box.x1, box.y1, box.x2, box.y2};
}
metrics::Rect rect_of(const Box& box) {
    return {box.x1, box.y1, box.x2, box.y2};
}

metrics::CocoTruth coco_truth(const data::Label& label, ImageSize size) {
    if (label.exact) {
        const data::PixelBox& box = *label.exact;
        return {{box.left, box.top, box.width, box.height}, label.cls, box.area_px2, label.crowd};
    }
    const double width = static_cast<double>(label.width) * size.width;
    const double height = static_cast<double>(label.height) * size.height;
    const double left = static_cast<double>(label.cx) * size.width - width / 2;
    const double top = static_cast<double>(label.cy) * size.height - height / 2;
    return {{left, top, width, height}, label.cls, width * height, label.crowd};
}

vision::ModelBox model_box(const data::Label& label, const vision::LetterboxGeometry& geometry) {
    return geometry.to_model(label.cx, label.cy, label.width, label.height);
}

}  // namespace

Truths compared_truths(const LabelledImage& labelled) {
    Truths truths;
    truths.reserve(labelled.labels.size());
    for (const data::Label& label : labelled.labels) {
        if (!label.crowd) truths.push_back(&label);
    }
    return truths;
}

bool counts(int& cls, const MetricArgs& args) {
    if (args.single_class) {
        cls = 0;
        return true;
    }
    return !args.kept_classes || std::ranges::find(*args.kept_classes, cls) != args.kept_classes->end();
}

std::vector<Box> boxes_in_image(const std::vector<ModelDetection>& found, const vision::LetterboxGeometry& geometry) {
    std::vector<Box> boxes;
    boxes.reserve(found.size());
    for (const ModelDetection& each : found) {
        boxes.push_back(geometry.to_image(each.box));
        boxes.back().conf = each.conf;
        boxes.back().cls = each.cls;
    }
    return boxes;
}

metrics::Overlaps box_overlaps(const std::vector<ModelDetection>& found, const std::vector<Box>& boxes,
                               const Truths& truths, const vision::LetterboxGeometry& geometry,
                               metrics::Protocol protocol) {
    const bool classic = protocol == metrics::Protocol::Classic;
    metrics::Overlaps overlaps(found.size(), truths.size());
    for (std::size_t t = 0; t < truths.size(); ++t) {
        const vision::ModelBox box = model_box(*truths[t], geometry);
        const metrics::Rect truth = classic ? rect_of(geometry.to_image(box)) : rect_of(box);
        for (std::size_t d = 0; d < found.size(); ++d) {
            const metrics::Rect detection = classic ? rect_of(boxes[d]) : rect_of(found[d].box);
            overlaps.at(d, t) = metrics::intersection_over_union(detection, truth);
        }
    }
    return overlaps;
}

std::vector<metrics::CocoDetection> coco_detections(const std::vector<Box>& boxes) {
    std::vector<metrics::CocoDetection> found;
    found.reserve(boxes.size());
    for (const Box& box : boxes) {
        const CocoRow row = coco_row(box);
        found.push_back({{row.x, row.y, row.width, row.height}, box.cls, row.score});
    }
    return found;
}

std::vector<metrics::CocoTruth> coco_truths(const LabelledImage& labelled) {
    std::vector<metrics::CocoTruth> truths;
    truths.reserve(labelled.labels.size());
    for (const data::Label& label : labelled.labels) truths.push_back(coco_truth(label, labelled.geometry.source));
    return truths;
}

Results results_of(const vision::LetterboxGeometry& geometry, std::vector<Box> boxes) {
    Results results;
    results.orig_shape = geometry.source;
    results.input_shape = geometry.canvas;
    results.boxes = std::move(boxes);
    return results;
}

Drawing drawn_truths(const Truths& truths, const vision::LetterboxGeometry& geometry) {
    Drawing drawing;
    drawing.objects.orig_shape = geometry.canvas;
    for (const data::Label* truth : truths) {
        const vision::ModelBox box = model_box(*truth, geometry);
        drawing.objects.boxes.push_back({box.x1, box.y1, box.x2, box.y2, 1, truth->cls});
    }
    return drawing;
}

Drawing drawn_predictions(const std::vector<ModelDetection>& found, const vision::LetterboxGeometry& geometry) {
    Drawing drawing;
    drawing.objects.orig_shape = geometry.canvas;
    for (const ModelDetection& each : found) {
        if (!is_drawn(each.conf)) continue;
        drawing.objects.boxes.push_back({each.box.x1, each.box.y1, each.box.x2, each.box.y2, each.conf, each.cls});
    }
    return drawing;
}

bool is_drawn(float conf) {
    return conf > plots::kMosaicConf;
}

}  // namespace yolovino::tasks
