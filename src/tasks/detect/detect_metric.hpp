#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "metrics/accumulator.hpp"
#include "tasks/box_metric.hpp"

namespace yolovino::tasks {

/// Boxes, by Ultralytics' rules and by COCO's, with a confusion matrix.
class DetectMetric : public BoxMetric {
public:
    explicit DetectMetric(const MetricArgs& args);
    explicit DetectMetric(metrics::Accumulator accumulator);

    MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) override;

protected:
    void place(ValPart second, ValResults& results) const override;
    std::vector<std::string> coco_lines(const ValResults& results) const override;
    void append_coco(nlohmann::ordered_json& root, const ValResults& results) const override;

private:
    static const Form& form();
};

}  // namespace yolovino::tasks
