#include "tasks/detect/detect_task.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "yolovino/error.hpp"

#include "metrics/accumulator.hpp"
#include "tasks/box_pairs.hpp"
#include "tasks/box_rows.hpp"
#include "tasks/box_text.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/detect/detect_metric.hpp"
#include "tasks/finished_rows.hpp"
#include "vision/draw.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::string_view kText = "[N, 4 + classes, anchors]";

}  // namespace

const TaskTraits& DetectTask::traits() const {
    static const TaskTraits traits{.name = "detect",
                                   .run_folder = "detect",
                                   .heads = {"Detect", "v10Detect"},
                                   .shard_magic = metrics::kShardMagic,
                                   .file_suffix = {},
                                   .metric = "mAP50-95(B)",
                                   .recovers_boxes = true};
    return traits;
}

const tensors::RowLayout& DetectTask::row_layout() const {
    static const tensors::RowLayout layout{.text = std::string(kText), .box_rows = kBoxRows};
    return layout;
}

void DetectTask::check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
                       const std::string& file) const {
    check_box_rows(signature, {.text = kText, .hint = "this is not a YOLOv8 detection network"}, form, area, file);
}

void DetectTask::check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
                       std::string_view area) const {
    if (outputs.tensors.size() == 1 && has_box_rows(outputs, images, classes, 0, form)) return;
    throw Error(ErrorCode::ShapeMismatch, area,
                fmt::format("the network gave {}, wanted [{}, {}, anchors]", to_text(outputs), images,
                            box_rows_text(classes, 0)));
}

int DetectTask::classes_of(const tensors::Signature& signature, const NetworkForm& form) const {
    return classes_by_rows(signature, 0, form);
}

void DetectTask::decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                        const vision::LetterboxGeometry& geometry, Results& results) const {
    const tensors::OutputTensor& tensor = outputs.first();
    if (are_finished(tensor.shape, args.form)) {
        results.boxes = boxes_in_image(finished_detections(tensor, image, args), geometry);
        return;
    }
    results.boxes = detect(tensor.image(image), tensor.dimension(1), tensor.dimension(2), args, geometry);
}

void DetectTask::draw(Image& image, const Results& results, const PlotArgs& args) const {
    static const ClassNames kNone;
    vision::draw_detections(image, results.boxes, results.names ? *results.names : kNone, args);
}

std::string DetectTask::label_lines(const Results& results, bool conf) const {
    std::string text;
    for (const Box& box : results.boxes) {
        text += box_label(box, results.orig_shape) + label_end(box, conf);
    }
    return text;
}

std::string DetectTask::summary(const Results& results) const {
    return class_counts(results, results.boxes);
}

void DetectTask::append_json(nlohmann::ordered_json& line, const Results& results, bool normalize, int decimals) const {
    nlohmann::ordered_json detections = nlohmann::ordered_json::array();
    for (const Box& box : results.boxes) detections.push_back(box_json(results, box, normalize, decimals));
    line["detections"] = std::move(detections);
}

std::unique_ptr<Metric> DetectTask::metric(const MetricArgs& args) const {
    return std::make_unique<DetectMetric>(args);
}

std::unique_ptr<Metric> DetectTask::read_metric(std::span<const std::byte> bytes, const std::string& file,
                                                std::string& description) const {
    return std::make_unique<DetectMetric>(metrics::parse(bytes, file, description));
}

std::vector<Task::CocoEntry> DetectTask::coco_entries(const Results& results) const {
    std::vector<CocoEntry> entries;
    entries.reserve(results.boxes.size());
    for (const Box& box : results.boxes) entries.push_back({box.cls, coco_members(box)});
    return entries;
}

/// The row of the table, which declares it.
const Task& detect_task() {
    static const DetectTask task;
    return task;
}

}  // namespace yolovino::tasks
