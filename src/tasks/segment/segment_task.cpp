#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "yolovino/error.hpp"

#include "metrics/run_lengths.hpp"
#include "tasks/box_rows.hpp"
#include "tasks/box_text.hpp"
#include "tasks/segment/decode.hpp"
#include "tasks/segment/mask_grid.hpp"
#include "tasks/segment/segment_metric.hpp"
#include "tasks/task.hpp"
#include "vision/draw.hpp"
#include "vision/draw_masks.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::string_view kText = "[N, 4 + classes + masks, anchors]";
constexpr std::string_view kPrototypesText = "[N, masks, height, width]";
constexpr std::size_t kLeastPoints = 3;  // of an outline in a label file

/// How many masks objects are mixed from; 0 if a file leaves that to the runtime.
std::size_t masks_of(const tensors::TensorSignature& prototypes) {
    const bool known = prototypes.ranked && prototypes.dims.size() == 4 && prototypes.dims[1] > 0;
    return known ? static_cast<std::size_t>(prototypes.dims[1]) : 0;
}

/// Boxes with a class and a score, and a mask of each. Two outputs: rows cx, cy, w, h in model pixels, the class
/// scores, and coefficients of the masks that the second output holds.
class SegmentTask final : public Task {
public:
    const TaskTraits& traits() const override {
        static const TaskTraits traits{.name = "segment",
                                       .run_folder = "segment",
                                       .heads = {"Segment", "Segment26"},
                                       .shard_magic = SegmentMetric::kShardMagic,
                                       .file_suffix = "-seg",
                                       .metric = "mAP50-95(M)",
                                       .only_boxes = false,
                                       .labels = data::LabelForm::Polygons};
        return traits;
    }
    const tensors::RowLayout& row_layout() const override {
        static const tensors::RowLayout layout{.text = std::string(kText), .box_rows = kBoxRows};
        return layout;
    }
    tensors::OutputLayout output_layout(const NetworkForm&, std::string_view, const std::string&) const override {
        return {.rows = row_layout(), .maps = true};
    }

    tensors::RowKind row_kind(std::size_t output, std::size_t row, std::size_t rows,
                              const NetworkForm& form) const override {
        const bool coefficient = output == 0 && form.classes > 0 && row >= kBoxRows + form.classes;
        return coefficient ? tensors::RowKind::Other : Task::row_kind(output, row, rows, form);
    }

    void check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
               const std::string& file) const override;
    void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
               std::string_view area) const override;
    int classes_of(const tensors::Signature& signature, const NetworkForm& form) const override;

    void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                const vision::LetterboxGeometry& geometry, Results& results) const override;
    void draw(Image& image, const Results& results, const PlotArgs& args) const override;
    std::string label_lines(const Results& results, bool conf) const override;
    std::string summary(const Results& results) const override { return class_counts(results, results.boxes); }
    void append_json(nlohmann::ordered_json& line, const Results& results, bool normalize, int decimals) const override;

    std::unique_ptr<Metric> metric(const MetricArgs& args) const override {
        return std::make_unique<SegmentMetric>(args);
    }
    std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                        std::string& description) const override {
        return std::make_unique<SegmentMetric>(
            metrics::Shard::parse(bytes, SegmentMetric::kShardMagic, SegmentMetric::kParts, file, description));
    }
    std::vector<CocoEntry> coco_entries(const Results& results) const override;
};

void SegmentTask::check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
                        const std::string& file) const {
    constexpr std::string_view kHint = "this is not a YOLOv8 segmentation network";
    const std::size_t masks = signature.outputs.size() == 2 ? masks_of(signature.outputs[1]) : 0;
    check_box_rows(signature, {.added = masks, .outputs = 2, .text = kText, .hint = kHint}, form, area, file);
    const tensors::TensorSignature& prototypes = signature.outputs[1];
    const bool shaped = !prototypes.ranked || (prototypes.dims.size() == 4 &&
                                               (prototypes.dims[1] == graph::kDynamic || prototypes.dims[1] > 0));
    if (tensors::is_float(prototypes) && shaped) return;
    throw Error(ErrorCode::ShapeMismatch, area,
                fmt::format("the second output is {}, wanted f32 {}", to_text(prototypes), kPrototypesText),
                {.file = file}, std::string(kHint));
}

void SegmentTask::check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes,
                        const NetworkForm& form, std::string_view area) const {
    if (are_segments(outputs, images, classes, form)) return;
    throw Error(ErrorCode::ShapeMismatch, area,
                fmt::format("the network gave {}, wanted [{}, {} + masks, anchors] and [{}, masks, height, width]",
                            to_text(outputs), images, box_rows_text(classes, 0), images));
}

int SegmentTask::classes_of(const tensors::Signature& signature, const NetworkForm& form) const {
    const std::size_t masks = signature.outputs.size() == 2 ? masks_of(signature.outputs[1]) : 0;
    return masks == 0 ? 0 : classes_by_rows(signature, masks, form);
}

void SegmentTask::decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                         const vision::LetterboxGeometry& geometry, Results& results) const {
    const ModelSegments found = segment_in_model(outputs, image, args);
    results.boxes.clear();
    results.masks.reset();
    if (found.detections.empty()) return;
    const MaskGrid grid = args.retina_masks ? MaskGrid::at_image(found.prototypes, geometry)
                                            : MaskGrid::at_input(found.prototypes, geometry);
    Masks masks{grid.size(), geometry.source, {}};
    for (std::size_t i = 0; i < found.detections.size(); ++i) {
        const ModelDetection& detection = found.detections[i];
        Masks::Instance mask = grid.mask(found.coefficients_of(i), detection.box);
        if (is_empty(mask)) continue;
        Box box = geometry.to_image(detection.box);
        box.conf = detection.conf;
        box.cls = detection.cls;
        results.boxes.push_back(box);
        masks.instances.push_back(std::move(mask));
    }
    if (!masks.instances.empty()) results.masks = std::move(masks);
}

void SegmentTask::draw(Image& image, const Results& results, const PlotArgs& args) const {
    static const ClassNames kNone;
    if (args.masks && results.masks) vision::draw_masks(image, *results.masks, results.boxes);
    vision::draw_detections(image, results.boxes, results.names ? *results.names : kNone, args);
}

std::string SegmentTask::label_lines(const Results& results, bool conf) const {
    std::string text;
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        const Box& box = results.boxes[i];
        if (results.masks) {
            const std::vector<Point> outline = results.masks->xyn(i);
            if (outline.size() < kLeastPoints) continue;
            text += std::to_string(box.cls);
            for (const Point& point : outline) text += fmt::format(" {:g} {:g}", point.x, point.y);
        } else {
            text += box_label(box, results.orig_shape);
        }
        text += label_end(box, conf);
    }
    return text;
}

void SegmentTask::append_json(nlohmann::ordered_json& line, const Results& results, bool normalize,
                              int decimals) const {
    nlohmann::ordered_json detections = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        nlohmann::ordered_json detection = box_json(results, results.boxes[i], normalize, decimals);
        if (results.masks) {
            nlohmann::ordered_json x = nlohmann::ordered_json::array();
            nlohmann::ordered_json y = nlohmann::ordered_json::array();
            for (const Point& point : normalize ? results.masks->xyn(i) : results.masks->xy(i)) {
                x.push_back(rounded(static_cast<double>(point.x), decimals));
                y.push_back(rounded(static_cast<double>(point.y), decimals));
            }
            detection["segments"] = {{"x", std::move(x)}, {"y", std::move(y)}};
        }
        detections.push_back(std::move(detection));
    }
    line["detections"] = std::move(detections);
}

std::vector<Task::CocoEntry> SegmentTask::coco_entries(const Results& results) const {
    std::vector<CocoEntry> entries;
    entries.reserve(results.boxes.size());
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        const Box& box = results.boxes[i];
        CocoEntry& entry = entries.emplace_back(CocoEntry{box.cls, coco_members(box)});
        if (!results.masks || results.masks->shape != results.orig_shape) continue;
        const ImageSize& size = results.orig_shape;
        const std::string counts = metrics::text_of_runs(metrics::runs_of_mask(results.masks->instances.at(i), size));
        entry.members += fmt::format(R"(, "segmentation": {{"size": [{}, {}], "counts": {}}})", size.height, size.width,
                                     nlohmann::json(counts).dump());
    }
    return entries;
}

}  // namespace

/// The row of the table, which declares it.
const Task& segment_task() {
    static const SegmentTask task;
    return task;
}

}  // namespace yolovino::tasks
