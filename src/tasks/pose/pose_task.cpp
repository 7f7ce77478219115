#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/fail.hpp"
#include "tasks/box_pairs.hpp"
#include "tasks/box_rows.hpp"
#include "tasks/box_text.hpp"
#include "tasks/detect/decode.hpp"
#include "tasks/pose/decode.hpp"
#include "tasks/pose/pose_metric.hpp"
#include "tasks/task.hpp"
#include "vision/draw.hpp"
#include "vision/draw_keypoints.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::string_view kText = "[N, 4 + classes + keypoints, anchors]";

/// Rows of the keypoints. @throws Error ShapeMismatch if nothing says how many there are
std::size_t added_rows(const NetworkForm& form, std::string_view area, const std::string& file) {
    const KeypointShape& shape = form.keypoints;
    if (shape.count > 0 && (shape.dims == 2 || shape.dims == 3)) return keypoint_rows(shape);
    const std::string got = shape == KeypointShape{} ? "none" : fmt::format("[{}, {}]", shape.count, shape.dims);
    throw Error(ErrorCode::ShapeMismatch, area,
                fmt::format("the shape of the keypoints (kpt_shape) is {}, wanted [count, 2] or [count, 3]", got),
                {.file = file},
                "give kpt_shape=[17, 3], keep the metadata with the exported file, or use the .pt file");
}

/// Boxes of objects with the keypoints of each. One output `[N, 4 + classes + count * dims, anchors]`: rows as of
/// detection, then x, y, and, with three numbers, how visible it is, of each keypoint.
class PoseTask final : public Task {
public:
    const TaskTraits& traits() const override {
        static const TaskTraits traits{.name = "pose",
                                       .run_folder = "pose",
                                       .heads = {"Pose", "Pose26"},
                                       .shard_magic = PoseMetric::kShardMagic,
                                       .file_suffix = "-pose",
                                       .metric = "mAP50-95(P)",
                                       .only_boxes = false,
                                       .labels = data::LabelForm::Keypoints};
        return traits;
    }
    const tensors::RowLayout& row_layout() const override {
        static const tensors::RowLayout layout{.text = std::string(kText), .box_rows = kBoxRows};
        return layout;
    }
    tensors::OutputLayout output_layout(const NetworkForm& form, std::string_view area,
                                        const std::string& file) const override {
        return {.rows = row_layout(),
                .added_rows = added_rows(form, area, file),
                .point_numbers = static_cast<std::size_t>(form.keypoints.dims)};
    }

    tensors::RowKind row_kind(std::size_t output, std::size_t row, std::size_t rows,
                              const NetworkForm& form) const override {
        const auto dims = static_cast<std::size_t>(form.keypoints.dims);
        const std::size_t numbers = static_cast<std::size_t>(form.keypoints.count) * dims;
        if (numbers == 0 || rows < numbers || row < rows - numbers) return Task::row_kind(output, row, rows, form);
        return (row - (rows - numbers)) % dims < 2 ? tensors::RowKind::Pixels : tensors::RowKind::Score;
    }

    void check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
               const std::string& file) const override {
        check_box_rows(signature,
                       {.added = added_rows(form, area, file),
                        .text = kText,
                        .hint = "this is not a YOLOv8 pose network with as many keypoints as its file says"},
                       form, area, file);
    }
    void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
               std::string_view area) const override {
        const std::size_t added = added_rows(form, area, {});
        if (outputs.tensors.size() == 1 && has_box_rows(outputs, images, classes, added, form)) return;
        throw Error(ErrorCode::ShapeMismatch, area,
                    fmt::format("the network gave {}, wanted [{}, {}, anchors] with {} keypoints of {} numbers",
                                to_text(outputs), images, box_rows_text(classes, added), form.keypoints.count,
                                form.keypoints.dims));
    }
    int classes_of(const tensors::Signature& signature, const NetworkForm& form) const override {
        return classes_by_rows(signature, keypoint_rows(form.keypoints), form);
    }

    void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                const vision::LetterboxGeometry& geometry, Results& results) const override {
        const KeypointShape& shape = args.form.keypoints;
        const std::vector<ModelDetection> found = poses_of(outputs.first(), image, args);
        results.boxes = boxes_in_image(found, geometry);
        results.keypoints = Keypoints{shape, geometry.source, keypoints_of(outputs.first(), image, found, args.form)};
        move_to_image(results.keypoints->data, shape, geometry);
    }

    void draw(Image& image, const Results& results, const PlotArgs& args) const override {
        static const ClassNames kNone;
        vision::draw_detections(image, results.boxes, results.names ? *results.names : kNone, args);
        if (results.keypoints) vision::draw_keypoints(image, *results.keypoints, args);
    }

    std::string label_lines(const Results& results, bool conf) const override {
        std::string text;
        for (std::size_t i = 0; i < results.boxes.size(); ++i) {
            text += box_label(results.boxes[i], results.orig_shape);
            if (has_keypoints(results, i)) {
                const std::vector<Point> points = results.keypoints->xyn(i);
                const std::vector<float> visible = results.keypoints->conf(i);
                for (std::size_t k = 0; k < points.size(); ++k) {
                    text += fmt::format(" {:g} {:g}", points[k].x, points[k].y);
                    if (!visible.empty()) text += fmt::format(" {:g}", visible[k]);
                }
            }
            text += label_end(results.boxes[i], conf);
        }
        return text;
    }
    std::string summary(const Results& results) const override { return class_counts(results, results.boxes); }
    void append_json(nlohmann::ordered_json& line, const Results& results, bool normalize,
                     int decimals) const override {
        nlohmann::ordered_json detections = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < results.boxes.size(); ++i) {
            nlohmann::ordered_json one = box_json(results, results.boxes[i], normalize, decimals);
            if (has_keypoints(results, i)) one["keypoints"] = keypoints_json(results, i, normalize, decimals);
            detections.push_back(std::move(one));
        }
        line["detections"] = std::move(detections);
    }

    std::unique_ptr<Metric> metric(const MetricArgs& args) const override { return std::make_unique<PoseMetric>(args); }
    std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                        std::string& description) const override {
        return std::make_unique<PoseMetric>(
            metrics::Shard::parse(bytes, PoseMetric::kShardMagic, PoseMetric::kParts, file, description));
    }
    std::vector<CocoEntry> coco_entries(const Results& results) const override {
        std::vector<CocoEntry> entries;
        for (std::size_t i = 0; i < results.boxes.size(); ++i) {
            const Box& box = results.boxes[i];
            CocoEntry& entry = entries.emplace_back(CocoEntry{box.cls, coco_members(box)});
            if (!has_keypoints(results, i)) continue;
            const std::size_t numbers = keypoint_rows(results.keypoints->shape);
            std::string values;
            for (const float value : std::span(results.keypoints->data).subspan(i * numbers, numbers)) {
                if (!values.empty()) values += ", ";
                values += python_float(static_cast<double>(value));
            }
            entry.members += fmt::format(R"(, "keypoints": [{}])", values);
        }
        return entries;
    }

private:
    /// Results may come from a program that has boxes alone.
    static bool has_keypoints(const Results& results, std::size_t object) {
        return results.keypoints && object < results.keypoints->size();
    }
    static nlohmann::ordered_json keypoints_json(const Results& results, std::size_t object, bool normalize,
                                                 int decimals) {
        const double width = normalize ? results.orig_shape.width : 1;
        const double height = normalize ? results.orig_shape.height : 1;
        nlohmann::ordered_json x = nlohmann::ordered_json::array();
        nlohmann::ordered_json y = nlohmann::ordered_json::array();
        for (const Point& point : results.keypoints->xy(object)) {
            x.push_back(rounded(static_cast<double>(point.x) / width, decimals));
            y.push_back(rounded(static_cast<double>(point.y) / height, decimals));
        }
        nlohmann::ordered_json out = {{"x", std::move(x)}, {"y", std::move(y)}};
        if (results.keypoints->has_visible()) {
            nlohmann::ordered_json& visible = out["visible"] = nlohmann::ordered_json::array();
            for (const float each : results.keypoints->conf(object))
                visible.push_back(rounded(static_cast<double>(each), decimals));
        }
        return out;
    }
};

}  // namespace

/// The row of the table, which declares it.
const Task& pose_task() {
    static const PoseTask task;
    return task;
}

}  // namespace yolovino::tasks
