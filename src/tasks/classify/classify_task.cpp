#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/fail.hpp"
#include "tasks/classify/classify_metric.hpp"
#include "tasks/task.hpp"
#include "vision/classify_crop.hpp"
#include "vision/draw_classes.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::string_view kText = "[N, classes]";

/// The likelihood of each class for the whole image. One output `[N, classes]`: probabilities.
class ClassifyTask final : public Task {
public:
    const TaskTraits& traits() const override {
        static const TaskTraits traits{.name = "classify",
                                       .run_folder = "classify",
                                       .heads = {"Classify"},
                                       .shard_magic = ClassifyMetric::kShardMagic,
                                       .file_suffix = "-cls",
                                       .metric = "accuracy_top1",
                                       .letterboxed = false,
                                       .only_boxes = false,
                                       .finds_objects = false,
                                       .labels = data::LabelForm::Folders};
        return traits;
    }
    const tensors::RowLayout& row_layout() const override {
        static const tensors::RowLayout layout{.text = std::string(kText), .box_rows = 0};
        return layout;
    }

    void check(const tensors::Signature& signature, const NetworkForm&, std::string_view area,
               const std::string& file) const override {
        const auto fail = [&](const std::string& message) {
            throw Error(ErrorCode::ShapeMismatch, area, message, {.file = file},
                        tensors::is_channels_last(signature)
                            ? "yolo export with format=openvino makes one that takes it"
                            : "this is not a YOLOv8 classification network");
        };
        if (signature.inputs.size() != 1 || signature.outputs.size() != 1) {
            fail(fmt::format("the network has {} inputs and {} outputs, wanted one of each", signature.inputs.size(),
                             signature.outputs.size()));
        }
        const tensors::TensorSignature& in = signature.inputs.front();
        if (!tensors::is_image_batch(in)) fail(fmt::format("the input is {}, wanted f32 [N, 3, H, W]", to_text(in)));
        // A file may leave the shape of its output to the runtime.
        const tensors::TensorSignature& out = signature.outputs.front();
        const bool shaped =
            !out.ranked || (out.dims.size() == 2 && (out.dims[1] == graph::kDynamic || out.dims[1] > 0));
        if (!tensors::is_float(out) || !shaped)
            fail(fmt::format("the output is {}, wanted f32 {}", to_text(out), kText));
    }
    void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm&,
               std::string_view area) const override {
        if (outputs.tensors.size() == 1 && outputs.first().shape.size() == 2) {
            const std::size_t got = outputs.first().dimension(1);
            if (outputs.first().dimension(0) >= images && got >= classes.least && got <= classes.most) return;
        }
        throw Error(ErrorCode::ShapeMismatch, area,
                    fmt::format("the network gave {}, wanted [{}, {}]", to_text(outputs), images,
                                classes.most == ClassRange::kAny ? "classes" : std::to_string(classes.most)));
    }
    int classes_of(const tensors::Signature& signature, const NetworkForm&) const override {
        if (signature.outputs.empty()) return 0;
        const tensors::TensorSignature& out = signature.outputs.front();
        const bool known =
            out.ranked && out.dims.size() == 2 && out.dims[1] > 0 && out.dims[1] <= std::numeric_limits<int>::max();
        return known ? static_cast<int>(out.dims[1]) : 0;
    }

    Image network_image(const Image& image, const vision::LetterboxGeometry& geometry) const override {
        return vision::classify_crop(image, geometry.canvas);
    }
    void write_input(const Image& image, const vision::LetterboxGeometry& geometry,
                     std::span<float> tensor) const override {
        vision::classify_crop_to_tensor(image, geometry.canvas, tensor);
    }

    void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs&, const vision::LetterboxGeometry&,
                Results& results) const override {
        const std::span<const float> values = outputs.first().image(image);
        results.probs = Probs{{values.begin(), values.end()}};
    }
    void draw(Image& image, const Results& results, const PlotArgs& args) const override {
        if (!args.probs) return;
        std::vector<std::string> lines;
        for (const Likely& each : most_likely(results)) lines.push_back(fmt::format("{} {:.2f}", each.name, each.conf));
        vision::draw_classes(image, lines);
    }
    std::vector<Crop> crops(const Results&) const override { return {}; }

    std::string label_lines(const Results& results, bool) const override {
        std::string text;
        for (const Likely& each : most_likely(results))
            text += fmt::format("{:.2f} {}\n", each.conf, base::printable(each.name));
        return text;
    }
    std::string summary(const Results& results) const override {
        std::string text;
        for (const Likely& each : most_likely(results))
            text += fmt::format("{} {:.2f}, ", base::printable(each.name), each.conf);
        return text;
    }
    void append_json(nlohmann::ordered_json& line, const Results& results, bool, int decimals) const override {
        nlohmann::ordered_json classes = nlohmann::ordered_json::array();
        for (const Likely& each : most_likely(results)) {
            classes.push_back({{"name", each.name},
                               {"class", each.cls},
                               {"confidence", rounded(static_cast<double>(each.conf), decimals)}});
        }
        line["detections"] = std::move(classes);
    }

    std::unique_ptr<Metric> metric(const MetricArgs& args) const override {
        return std::make_unique<ClassifyMetric>(args);
    }
    std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                        std::string& description) const override {
        return std::make_unique<ClassifyMetric>(
            metrics::ClassAccuracy::parse(bytes, ClassifyMetric::kShardMagic, file, description));
    }
    std::vector<CocoEntry> coco_entries(const Results&) const override { return {}; }

private:
    struct Likely {
        int cls = 0;
        std::string name;
        float conf = 0;
    };
    static std::vector<Likely> most_likely(const Results& results) {
        std::vector<Likely> out;
        if (!results.probs) return out;
        for (const int cls : results.probs->top5())
            out.push_back({cls, class_name(results, cls), results.probs->data[static_cast<std::size_t>(cls)]});
        return out;
    }
};

}  // namespace

/// The row of the table, which declares it.
const Task& classify_task() {
    static const ClassifyTask task;
    return task;
}

}  // namespace yolovino::tasks
