#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/class_accuracy.hpp"
#include "tasks/metric.hpp"

namespace yolovino::tasks {

/// How often the class of an image is the most likely one, or one of the five most likely.
class ClassifyMetric final : public Metric {
public:
    static constexpr std::string_view kShardMagic = "yolovino-val-classify-1\n";

    explicit ClassifyMetric(const MetricArgs& args) : accuracy_(args.classes) {}
    explicit ClassifyMetric(metrics::ClassAccuracy accuracy) : accuracy_(std::move(accuracy)) {}

    MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) override;
    void append(Metric&& other) override;
    void sort() override { accuracy_.sort(); }
    void merge(Metric&& other) override;

    /// Top-1 accuracy.
    Ranking ranking(metrics::Protocol protocol, int bootstrap_samples) const override;

    std::size_t images() const override { return accuracy_.images(); }
    std::size_t classes() const override { return accuracy_.classes(); }

    void summarize(metrics::Protocol protocol, const ClassNames& names, ValResults& results) override;
    MetricTable table(const ClassNames& names, const ValResults& results) const override;
    void append_json(nlohmann::ordered_json& root, const ClassNames& names, const ValResults& results) const override;
    std::vector<Plot> plots(const ClassNames& names, const ValResults& results) const override;
    std::string serialize(std::string_view description) const override;

private:
    metrics::ClassAccuracy accuracy_;
};

}  // namespace yolovino::tasks
