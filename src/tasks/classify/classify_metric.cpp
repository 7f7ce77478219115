#include "tasks/classify/classify_metric.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tasks/box_metric.hpp"

namespace yolovino::tasks {

MeasuredImage ClassifyMetric::add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) {
    const std::span<const float> values = outputs.first().image(image);
    metrics::RankedClasses ranked = metrics::rank_classes(values);
    ranked.index = labelled.index;
    ranked.truth = labelled.labels.front().cls;
    accuracy_.add(ranked);
    MeasuredImage out;
    out.results.orig_shape = labelled.geometry.source;
    out.results.input_shape = labelled.geometry.canvas;
    out.results.probs = Probs{{values.begin(), values.end()}};
    if (labelled.drawn) {
        out.truths = {{}, ranked.truth, {}};
        out.predictions = {{}, ranked.best.front(), values[static_cast<std::size_t>(ranked.best.front())]};
    }
    return out;
}

void ClassifyMetric::append(Metric&& other) {
    accuracy_.append(dynamic_cast<ClassifyMetric&>(other).accuracy_);
}

void ClassifyMetric::merge(Metric&& other) {
    accuracy_.merge(dynamic_cast<ClassifyMetric&>(other).accuracy_);
}

Metric::Ranking ClassifyMetric::ranking(metrics::Protocol, int bootstrap_samples) const {
    const metrics::Interval interval = accuracy_.top1_interval(bootstrap_samples);
    return {accuracy_.top(1), interval.low, interval.high};
}

void ClassifyMetric::summarize(metrics::Protocol, const ClassNames&, ValResults& out) {
    out.top1 = accuracy_.top(1);
    out.top5 = accuracy_.top(metrics::RankedClasses::kMost);
    out.fitness = (*out.top1 + *out.top5) / 2;
    out.instances = accuracy_.images();
    out.results_dict = {
        {"metrics/accuracy_top1", *out.top1}, {"metrics/accuracy_top5", *out.top5}, {"fitness", out.fitness}};
    out.confusion_matrix = accuracy_.confusion();
}

MetricTable ClassifyMetric::table(const ClassNames&, const ValResults& results) const {
    return {"classes",
            {"top1_acc", "top5_acc"},
            {"top1_acc", "top5_acc"},
            {{"all", {}, {results.top1.value_or(0), results.top5.value_or(0)}}},
            {}};
}

void ClassifyMetric::append_json(nlohmann::ordered_json& root, const ClassNames& names,
                                 const ValResults& results) const {
    root["images"] = results.images;
    root["corrupt"] = results.corrupt;
    root["confusion_matrix"] = confusion_json(results, names);
}

std::vector<Plot> ClassifyMetric::plots(const ClassNames& names, const ValResults& results) const {
    return confusion_plots(names, results);
}

std::string ClassifyMetric::serialize(std::string_view description) const {
    return accuracy_.serialize(kShardMagic, description);
}

}  // namespace yolovino::tasks
