#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "yolovino/error.hpp"

#include "tasks/detect/decode.hpp"
#include "tasks/detect/detect_metric.hpp"
#include "tasks/detect/detect_task.hpp"
#include "unit/tasks/twin/twin.hpp"

namespace yolovino::twin {

namespace {

constexpr std::int64_t kMoreRows = 5;  // than classes

[[noreturn]] void refuse(std::string_view area, const std::string& message) {
    throw Error(ErrorCode::ShapeMismatch, area, message);
}

/// One image without what detection does not have, after a look at that.
tensors::Outputs detect_part(const tensors::Outputs& outputs, std::size_t image) {
    const tensors::OutputTensor& first = outputs.first();
    const std::size_t rows = first.dimension(1);
    const std::size_t anchors = first.dimension(2);
    const std::span<const float> values = first.image(image);
    for (std::size_t a = 0; a < anchors; ++a) {
        const float half = values[(rows - 1) * anchors + a];
        if (std::abs(half - values[a] / 2) > 1e-3F) refuse("twin", fmt::format("half of {} is {}", values[a], half));
    }
    for (const float value : outputs.tensors.at(1).image(image)) {
        if (!(value >= 0 && value <= 1)) refuse("twin", fmt::format("the map holds {}", value));
    }
    const auto detect_rows = static_cast<std::int64_t>(rows - 1);
    return {
        {{.name = first.name, .shape = {1, detect_rows, first.shape[2]}, .data = values.first((rows - 1) * anchors)}}};
}

class TwinMetric final : public tasks::DetectMetric {
public:
    using DetectMetric::DetectMetric;
    tasks::MeasuredImage add(const tensors::Outputs& outputs, std::size_t image,
                             const tasks::LabelledImage& labelled) override {
        return DetectMetric::add(detect_part(outputs, image), 0, labelled);
    }
};

class TwinTask final : public tasks::DetectTask {
public:
    const tasks::TaskTraits& traits() const override {
        static const tasks::TaskTraits traits{.name = "twin",
                                              .run_folder = "twins",
                                              .heads = {"TwinDetect"},
                                              .shard_magic = "twin",
                                              .file_suffix = {},
                                              .metric = "mAP50-95(B)"};
        return traits;
    }
    const tensors::RowLayout& row_layout() const override {
        static const tensors::RowLayout layout{.text = "[N, 4 + classes + 1, anchors]", .box_rows = 4};
        return layout;
    }
    void check(const tensors::Signature& signature, const tasks::NetworkForm&, std::string_view area,
               const std::string& file) const override {
        tensors::expect_image_network(signature, area, file);
        const auto& outputs = signature.outputs;
        if (outputs.size() != 2 || outputs[0].dims.size() != 3 || outputs[1].dims.size() != 4)
            refuse(area, fmt::format("{} outputs are no twins", outputs.size()));
    }
    void check(const tensors::Outputs& outputs, std::size_t images, tasks::ClassRange classes,
               const tasks::NetworkForm&, std::string_view area) const override {
        const bool two = outputs.tensors.size() == 2 && outputs.tensors[1].shape.size() == 4;
        const std::size_t rows = outputs.first().dimension(1);
        if (!two || outputs.first().dimension(0) < images || rows < classes.least + kMoreRows ||
            rows > classes.most + kMoreRows)
            refuse(area, "the network gave no twins: " + to_text(outputs));
    }
    int classes_of(const tensors::Signature& signature, const tasks::NetworkForm&) const override {
        if (signature.outputs.empty()) return 0;
        return static_cast<int>(std::max<std::int64_t>(0, signature.outputs.front().dims.at(1) - kMoreRows));
    }
    void decode(const tensors::Outputs& outputs, std::size_t image, const tasks::DecodeArgs& args,
                const vision::LetterboxGeometry& geometry, Results& results) const override {
        DetectTask::decode(detect_part(outputs, image), 0, args, geometry, results);
    }
    std::string label_lines(const Results& results, bool conf) const override {
        const std::string lines = DetectTask::label_lines(results, conf);
        return lines.empty() ? lines : "twins\n" + lines;
    }
    std::string summary(const Results& results) const override {
        return fmt::format("{} twins, ", results.boxes.size());
    }
    void append_json(nlohmann::ordered_json& line, const Results& results, bool, int) const override {
        line["twins"] = results.boxes.size();
    }
    std::unique_ptr<tasks::Metric> metric(const tasks::MetricArgs& args) const override {
        return std::make_unique<TwinMetric>(args);
    }
};

}  // namespace

const tasks::Task& task() {
    static const TwinTask twin;
    return twin;
}

}  // namespace yolovino::twin
