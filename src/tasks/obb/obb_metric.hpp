#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/box_metric.hpp"

namespace yolovino::tasks {

/// Rotated boxes, which overlap by the distributions that stand for them.
class ObbMetric final : public BoxMetric {
public:
    static constexpr std::string_view kShardMagic = "yolovino-val-obb-1\n";
    static constexpr std::size_t kParts = 1;

    explicit ObbMetric(const MetricArgs& args);
    /// @param parts kParts
    explicit ObbMetric(std::vector<metrics::Accumulator> parts);

    MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) override;

private:
    // COCO has no protocol of rotated boxes.
    void place(ValPart, ValResults&) const override {}
    std::vector<std::string> coco_lines(const ValResults&) const override { return {}; }
    void append_coco(nlohmann::ordered_json&, const ValResults&) const override {}

    static const Form& form();
};

}  // namespace yolovino::tasks
