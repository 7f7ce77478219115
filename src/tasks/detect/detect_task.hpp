#pragma once

#include "tasks/task.hpp"

namespace yolovino::tasks {

/// Boxes with a class and a score. One output `[N, 4 + classes, anchors]`: rows cx, cy, w, h in model pixels, then the
/// class scores.
class DetectTask : public Task {
public:
    const TaskTraits& traits() const override;

    void check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
               const std::string& file) const override;
    void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
               std::string_view area) const override;
    int classes_of(const tensors::Signature& signature, const NetworkForm& form) const override;
    const tensors::RowLayout& row_layout() const override;

    void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                const vision::LetterboxGeometry& geometry, Results& results) const override;
    void draw(Image& image, const Results& results, const PlotArgs& args) const override;
    std::string label_lines(const Results& results, bool conf) const override;
    std::string summary(const Results& results) const override;
    void append_json(nlohmann::ordered_json& line, const Results& results, bool normalize, int decimals) const override;

    std::unique_ptr<Metric> metric(const MetricArgs& args) const override;
    std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                        std::string& description) const override;
    std::vector<CocoEntry> coco_entries(const Results& results) const override;
};

}  // namespace yolovino::tasks
