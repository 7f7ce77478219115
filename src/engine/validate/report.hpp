#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/val.hpp"

#include "engine/validate/outcome.hpp"
#include "engine/validate/plan.hpp"
#include "plots/plots.hpp"
#include "plots/report_page.hpp"
#include "tasks/task.hpp"

namespace yolovino::engine {

/// @throws Error InvalidArgument
metrics::Protocol parse_protocol(const std::string& text);

/// Turns what a run accumulated into numbers, lines, and files.
class ValReport {
public:
    /// Creates the run folder if anything will be written. @throws Error IoFailure
    ValReport(const ValArgs& args, const tasks::Task& task, ClassNames names);

    /// Everything for a run or a shard.
    ValResults finish(const LoadedModel& model, const ValPlan& plan, ValOutcome& outcome);
    /// Everything for parts that were put together. @param facts what they have in common, for people
    ValResults finish(tasks::Metric& metric, const Speed& total_ms, std::size_t corrupt,
                      const std::vector<std::pair<std::string, std::string>>& facts);

private:
    ValResults measure(tasks::Metric& metric, const Speed& total_ms, std::size_t corrupt);
    void write_table(const tasks::Metric& metric, const ValResults& results) const;
    void log_table(const tasks::MetricTable& table, const ValResults& results) const;
    void log_end(const ValResults& results) const;
    void write_numbers(const tasks::Metric& metric, const tasks::MetricTable& table, const ValResults& results) const;
    void write_predictions(const ValPlan& plan, const ValOutcome& outcome) const;
    void write_task_files(const ValPlan& plan, const ValOutcome& outcome) const;
    void write_labels(const ValPlan& plan, const ValOutcome& outcome) const;
    std::vector<plots::PageImage> draw_plots(const tasks::Metric& metric, const ValResults& results) const;
    plots::MosaicTile tile_of(const ValTile& tile, const ValPlan& plan, bool predictions) const;
    std::vector<plots::PageImage> draw_mosaics(const ValPlan& plan, ValOutcome& outcome) const;
    void write_page(const tasks::Metric& metric, const ValResults& results,
                    const std::vector<std::pair<std::string, std::string>>& facts,
                    const std::vector<plots::PageImage>& plots, const std::vector<plots::PageImage>& mosaics) const;
    std::filesystem::path write_shard(const nlohmann::ordered_json& run, const ValPlan& plan,
                                      const ValOutcome& outcome) const;

    const ValArgs args_;
    const tasks::Task& task_;
    const ClassNames names_;
    const metrics::Protocol protocol_;
    std::filesystem::path folder_;
};

}  // namespace yolovino::engine
