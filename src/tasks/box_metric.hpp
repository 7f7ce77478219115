#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/accumulator.hpp"
#include "tasks/metric.hpp"

namespace yolovino::tasks {

/// Precision, recall, and mAP by Ultralytics' rules of objects with classes and scores, which are compared in one way
/// or in two: by their boxes, and by their masks or keypoints.
class BoxMetric : public Metric {
public:
    void append(Metric&& other) override;
    void sort() override;
    void merge(Metric&& other) override;

    Ranking ranking(metrics::Protocol protocol, int bootstrap_samples) const override;

    std::size_t images() const override { return parts_.front().images().size(); }
    std::size_t classes() const override { return parts_.front().confusion().side() - 1; }

    void summarize(metrics::Protocol protocol, const ClassNames& names, ValResults& results) override;
    MetricTable table(const ClassNames& names, const ValResults& results) const override;
    void append_json(nlohmann::ordered_json& root, const ClassNames& names, const ValResults& results) const override;
    std::vector<Plot> plots(const ClassNames& names, const ValResults& results) const override;
    std::string serialize(std::string_view description) const override;

protected:
    /// One way of comparing.
    struct Part {
        std::string_view title;   ///< `Box`
        std::string_view letter;  ///< `B`, of the keys of results_dict
    };
    struct Form {
        std::string_view shard_magic;
        std::vector<Part> parts;
    };
    /// One part of one image.
    struct Compared {
        metrics::Overlaps overlaps;
        metrics::CocoImage coco;
    };

    /// @param form outlives the metric
    BoxMetric(const MetricArgs& args, const Form& form);
    BoxMetric(std::vector<metrics::Accumulator> parts, const Form& form);

    const MetricArgs& args() const { return args_; }
    const metrics::Accumulator& part(std::size_t i) const { return parts_.at(i); }

    /// @param compared one for each part
    void record(std::uint32_t index, const metrics::ScoredImage& image, std::vector<Compared> compared);

    /// Puts the numbers of the second part, and those of COCO's protocol, where they belong.
    virtual void place(ValPart second, ValResults& results) const = 0;
    /// The line of COCO's numbers of each part; none where they do not exist.
    virtual std::vector<std::string> coco_lines(const ValResults& results) const = 0;
    virtual void append_coco(nlohmann::ordered_json& root, const ValResults& results) const = 0;

private:
    std::vector<Plot> curves(std::size_t part, const ClassNames& names) const;

    MetricArgs args_;
    const Form& form_;
    std::vector<metrics::Accumulator> parts_;
    std::vector<metrics::Score> scores_;
};

/// `AP 0.5000, AP50 …` of boxes and masks.
std::string coco_text(const CocoMetrics& coco);
nlohmann::ordered_json coco_json(const CocoMetrics& coco);
nlohmann::ordered_json coco_json(const CocoKeypointMetrics& coco);

/// Rows are predictions, columns truths; the names of both in order, the background last, if there is one.
nlohmann::ordered_json confusion_json(const ValResults& results, const ClassNames& names);
/// The two images of the confusion matrix.
std::vector<Plot> confusion_plots(const ClassNames& names, const ValResults& results);

}  // namespace yolovino::tasks
