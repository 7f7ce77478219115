#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/fail.hpp"
#include "tasks/box_rows.hpp"
#include "tasks/box_text.hpp"
#include "tasks/detect/coco_row.hpp"
#include "tasks/obb/decode.hpp"
#include "tasks/obb/dota_files.hpp"
#include "tasks/obb/obb_metric.hpp"
#include "tasks/task.hpp"
#include "vision/draw.hpp"
#include "vision/rotated_crop.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::string_view kText = "[N, 4 + classes + 1, anchors]";
constexpr std::size_t kAngleRows = 1;
constexpr int kCocoDecimals = 3;
constexpr int kScoreDecimals = 5;

/// Rotated boxes. One output `[N, 4 + classes + 1, anchors]`: rows as of detection, then the angle in radians.
class ObbTask final : public Task {
public:
    const TaskTraits& traits() const override {
        static const TaskTraits traits{.name = "obb",
                                       .run_folder = "obb",
                                       .heads = {"OBB", "OBB26"},
                                       .shard_magic = ObbMetric::kShardMagic,
                                       .file_suffix = "-obb",
                                       .metric = "mAP50-95(B)",
                                       .only_boxes = false,
                                       .labels = data::LabelForm::Corners,
                                       .val_conf = kValConfObb,
                                       .recovers_boxes = true};
        return traits;
    }
    const tensors::RowLayout& row_layout() const override {
        static const tensors::RowLayout layout{.text = std::string(kText), .box_rows = kBoxRows};
        return layout;
    }
    tensors::OutputLayout output_layout(const NetworkForm&, std::string_view, const std::string&) const override {
        return {.rows = row_layout(), .added_rows = kAngleRows};
    }

    tensors::RowKind row_kind(std::size_t output, std::size_t row, std::size_t rows,
                              const NetworkForm& form) const override {
        return output == 0 && row + 1 == rows ? tensors::RowKind::Other : Task::row_kind(output, row, rows, form);
    }

    void check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
               const std::string& file) const override {
        check_box_rows(signature,
                       {.added = kAngleRows, .text = kText, .hint = "this is not a YOLOv8 network of oriented boxes"},
                       form, area, file);
    }
    void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
               std::string_view area) const override {
        if (outputs.tensors.size() == 1 && has_box_rows(outputs, images, classes, kAngleRows, form)) return;
        throw Error(ErrorCode::ShapeMismatch, area,
                    fmt::format("the network gave {}, wanted [{}, {}, anchors]", to_text(outputs), images,
                                box_rows_text(classes, kAngleRows)));
    }
    int classes_of(const tensors::Signature& signature, const NetworkForm& form) const override {
        return classes_by_rows(signature, kAngleRows, form);
    }

    void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                const vision::LetterboxGeometry& geometry, Results& results) const override {
        std::vector<RotatedBox>& boxes = results.obb.emplace();
        for (const RotatedDetection& each : rotated_detections_of(outputs.first(), image, args))
            boxes.push_back(to_image(each, geometry));
    }

    void draw(Image& image, const Results& results, const PlotArgs& args) const override {
        static const ClassNames kNone;
        vision::draw_rotated_boxes(image, boxes_of(results), results.names ? *results.names : kNone, args);
    }
    std::vector<Crop> crops(const Results& results) const override {
        std::vector<Crop> crops;
        for (const RotatedBox& box : boxes_of(results)) {
            if (const Image crop = vision::rotated_crop(results.orig_img, box); !crop.empty())
                crops.push_back({box.cls, crop});
        }
        return crops;
    }

    std::string label_lines(const Results& results, bool conf) const override {
        const auto width = static_cast<float>(results.orig_shape.width);
        const auto height = static_cast<float>(results.orig_shape.height);
        std::string text;
        for (const RotatedBox& box : boxes_of(results)) {
            text += std::to_string(box.cls);
            for (const Point& corner : box.corners())
                text += fmt::format(" {:g} {:g}", corner.x / width, corner.y / height);
            text += label_end(box, conf);
        }
        return text;
    }
    std::string summary(const Results& results) const override { return class_counts(results, boxes_of(results)); }
    void append_json(nlohmann::ordered_json& line, const Results& results, bool normalize,
                     int decimals) const override {
        const double width = normalize ? results.orig_shape.width : 1;
        const double height = normalize ? results.orig_shape.height : 1;
        nlohmann::ordered_json detections = nlohmann::ordered_json::array();
        for (const RotatedBox& box : boxes_of(results)) {
            nlohmann::ordered_json corners;
            int number = 0;
            for (const Point& corner : box.corners()) {
                ++number;
                corners[fmt::format("x{}", number)] = rounded(static_cast<double>(corner.x) / width, decimals);
                corners[fmt::format("y{}", number)] = rounded(static_cast<double>(corner.y) / height, decimals);
            }
            nlohmann::ordered_json one = {{"name", class_name(results, box.cls)},
                                          {"class", box.cls},
                                          {"confidence", rounded(static_cast<double>(box.conf), decimals)},
                                          {"box", std::move(corners)}};
            if (box.id) one["track_id"] = *box.id;
            detections.push_back(std::move(one));
        }
        line["detections"] = std::move(detections);
    }

    std::unique_ptr<Metric> metric(const MetricArgs& args) const override { return std::make_unique<ObbMetric>(args); }
    std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                        std::string& description) const override {
        return std::make_unique<ObbMetric>(
            metrics::Shard::parse(bytes, ObbMetric::kShardMagic, ObbMetric::kParts, file, description));
    }
    std::vector<CocoEntry> coco_entries(const Results& results) const override {
        std::vector<CocoEntry> entries;
        for (const RotatedBox& box : boxes_of(results)) {
            const auto text = [](float value) { return python_float(rounded_exactly(value, kCocoDecimals)); };
            std::string corners;
            for (const Point& corner : box.corners())
                corners += fmt::format("{}{}, {}", corners.empty() ? "" : ", ", text(corner.x), text(corner.y));
            entries.push_back(
                {box.cls, fmt::format(R"("score": {}, "rbox": [{}, {}, {}, {}, {}], "poly": [{}])",
                                      python_float(rounded_exactly(box.conf, kScoreDecimals)), text(box.cx),
                                      text(box.cy), text(box.width), text(box.height), text(box.angle), corners)});
        }
        return entries;
    }

    std::vector<TextFile> prediction_files(std::span<const NamedResults> images, const ClassNames& names,
                                           std::string_view folder) const override {
        const bool dota = folder.find("DOTA") != std::string_view::npos;
        return dota ? dota_files(images, names) : std::vector<TextFile>();
    }

private:
    static const std::vector<RotatedBox>& boxes_of(const Results& results) {
        static const std::vector<RotatedBox> kNone;
        return results.obb ? *results.obb : kNone;
    }
};

}  // namespace

/// The row of the table, which declares it.
const Task& obb_task() {
    static const ObbTask task;
    return task;
}

}  // namespace yolovino::tasks
