#pragma once

#include <filesystem>
#include <string>

#include "yolovino/val.hpp"

#include "engine/val_plan.hpp"
#include "metrics/accumulator.hpp"

namespace yolovino::engine {

struct ValOutcome;

/// @throws Error InvalidArgument
metrics::Protocol parse_protocol(const std::string& text);

/// One row of predictions.json: left, top, width, height in image pixels to three decimals, the score to five.
struct CocoRow {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    double score = 0;
};
CocoRow coco_row(const Box& box);

/// Turns what a run accumulated into numbers, lines, and files.
class ValReport {
public:
    /// Creates the run folder if anything will be written. @throws Error IoFailure
    ValReport(const ValArgs& args, ClassNames names);

    /// Everything for a run or a shard.
    ValResults finish(const Model::State& model, const ValPlan& plan, const ValOutcome& outcome);
    /// Everything for parts that were put together.
    ValResults finish(const metrics::Accumulator& accumulator, const Speed& total_ms, std::size_t corrupt);

private:
    ValResults measure(const metrics::Accumulator& accumulator, const Speed& total_ms, std::size_t corrupt);
    void log_table(const ValResults& results) const;
    void log_end(const ValResults& results) const;
    void write_numbers(const ValResults& results) const;
    void write_predictions(const ValPlan& plan, const ValOutcome& outcome) const;
    void write_labels(const Model::State& model, const ValPlan& plan, const ValOutcome& outcome) const;
    void draw_curves() const;
    void draw_matrices(const ValResults& results) const;
    void draw_mosaics(const ValPlan& plan, const ValOutcome& outcome) const;
    std::filesystem::path write_shard(const Model::State& model, const ValPlan& plan, const ValOutcome& outcome) const;

    const ValArgs args_;
    const ClassNames names_;
    const metrics::Protocol protocol_;
    std::filesystem::path folder_;
    metrics::Score score_;
};

}  // namespace yolovino::engine
