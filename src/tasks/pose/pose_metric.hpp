#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/box_metric.hpp"

namespace yolovino::tasks {

/// Boxes and keypoints, each with precision, recall, and mAP.
class PoseMetric final : public BoxMetric {
public:
    static constexpr std::string_view kShardMagic = "yolovino-val-pose-1\n";
    static constexpr std::size_t kParts = 2;

    explicit PoseMetric(const MetricArgs& args);
    /// @param parts kParts
    explicit PoseMetric(std::vector<metrics::Accumulator> parts);

    MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) override;

private:
    void place(ValPart second, ValResults& results) const override;
    std::vector<std::string> coco_lines(const ValResults& results) const override;
    void append_coco(nlohmann::ordered_json& root, const ValResults& results) const override;

    static const Form& form();
    std::vector<float> sigmas_;
};

}  // namespace yolovino::tasks
