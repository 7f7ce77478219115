#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tasks/box_metric.hpp"

namespace yolovino::tasks {

/// Boxes and masks, each with precision, recall, and mAP.
class SegmentMetric final : public BoxMetric {
public:
    static constexpr std::string_view kShardMagic = "yolovino-val-segment-1\n";
    static constexpr std::size_t kParts = 2;

    explicit SegmentMetric(const MetricArgs& args);
    /// @param parts kParts
    explicit SegmentMetric(std::vector<metrics::Accumulator> parts);

    MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) override;

private:
    void place(ValPart second, ValResults& results) const override;
    std::vector<std::string> coco_lines(const ValResults& results) const override;
    void append_coco(nlohmann::ordered_json& root, const ValResults& results) const override;

    static const Form& form();
};

}  // namespace yolovino::tasks
