#include "engine/validate/report.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/share_indices.hpp"
#include "data/run_folder.hpp"
#include "engine/validate/shard_identity.hpp"

namespace yolovino {

double ValResults::operator[](const std::string& key) const {
    return base::api_call("val", [&] {
        for (const auto& [name, value] : results_dict) {
            if (name == key) return value;
        }
        throw Error(ErrorCode::InvalidArgument, "val", fmt::format("there is no result '{}'", base::printable(key)));
    });
}

}  // namespace yolovino

namespace yolovino::engine {

namespace {

bool writes_files(const ValArgs& args) {
    return args.save || args.plots || args.save_json || args.save_txt || !args.shard.empty();
}

std::vector<std::pair<std::string, std::string>> facts_of(const LoadedModel& model, const nlohmann::ordered_json& run) {
    auto facts = identity_facts(run);
    if (base::is_file(model.info.path))
        facts.emplace_back("model sha256", base::sha256(base::RandomAccessFile(model.info.path)));
    return facts;
}

/// Class names are long at times; the columns stay in line, as in Ultralytics' table.
std::string line_of(const tasks::MetricTable::Row& row) {
    std::string line = fmt::format("{:>22}", base::printable(row.name));
    for (const std::size_t count : row.counts) line += fmt::format("{:>11}", count);
    // printf's %g keeps three digits; fmt's g does the same
    for (const double number : row.numbers) line += fmt::format("{:>11.3g}", number);
    return line;
}

}  // namespace

metrics::Protocol parse_protocol(const std::string& text) {
    if (text == "ultralytics") return metrics::Protocol::Ultralytics;
    if (text == "classic") return metrics::Protocol::Classic;
    throw Error(ErrorCode::InvalidArgument, "val",
                fmt::format("protocol is '{}', wanted ultralytics or classic", base::printable(text)));
}

ValReport::ValReport(const ValArgs& args, const tasks::Task& task, ClassNames names)
    : args_(args), task_(task), names_(std::move(names)), protocol_(parse_protocol(args.protocol)) {
    if (!writes_files(args)) return;
    folder_ =
        data::make_run_folder(std::string(task.traits().run_folder), "val", args.project, args.name, args.exist_ok);
}

ValResults ValReport::measure(tasks::Metric& metric, const Speed& total_ms, std::size_t corrupt) {
    ValResults out;
    metric.summarize(protocol_, names_, out);
    out.images = metric.images();
    out.corrupt = corrupt;
    const auto count = static_cast<double>(std::max<std::size_t>(out.images, 1));
    out.speed = {total_ms.preprocess / count, total_ms.inference / count, total_ms.postprocess / count};
    out.save_dir = folder_;
    return out;
}

void ValReport::log_table(const tasks::MetricTable& table, const ValResults& results) const {
    std::string titles = fmt::format("{:>22}", table.name_title);
    for (const std::string& title : table.titles) titles += fmt::format("{:>11}", title);
    base::info("{}", titles);
    const bool each_class = args_.verbose && names_.size() > 1;
    for (std::size_t i = 0; i < (each_class ? table.rows.size() : 1); ++i) base::info("{}", line_of(table.rows[i]));
    base::info("Speed: {:.1f}ms preprocess, {:.1f}ms inference, {:.1f}ms loss, {:.1f}ms postprocess per image",
               results.speed.preprocess, results.speed.inference, 0.0, results.speed.postprocess);
    for (const std::string& remark : table.remarks) base::info("{}", remark);
}

void ValReport::write_table(const tasks::Metric& metric, const ValResults& results) const {
    const tasks::MetricTable table = metric.table(names_, results);
    log_table(table, results);
    if (args_.save) write_numbers(metric, table, results);
}

void ValReport::log_end(const ValResults& results) const {
    if (results.corrupt > 0) base::warn("{} image(s) were skipped as corrupt", results.corrupt);
    if (!folder_.empty()) base::info("Results saved to {}", folder_.string());
}

ValResults ValReport::finish(const LoadedModel& model, const ValPlan& plan, ValOutcome& outcome) {
    ValResults results = measure(*outcome.metric, outcome.total_ms, plan.scan.corrupt + outcome.unreadable);
    write_table(*outcome.metric, results);
    if (args_.save_json) write_predictions(plan, outcome);
    if (args_.save_txt) write_labels(plan, outcome);
    // It hashes the model and the labels: once for the part and the page.
    nlohmann::ordered_json run;
    if (args_.plots || !args_.shard.empty()) run = shard_identity(model, plan, names_, args_);
    if (!args_.shard.empty()) results.shard_file = write_shard(run, plan, outcome);
    if (args_.plots) {
        std::vector<plots::PageImage> plots;
        std::vector<plots::PageImage> mosaics;
        const auto draw = [&](std::size_t i) {
            if (i == 0) {
                plots = draw_plots(*outcome.metric, results);
            } else {
                mosaics = draw_mosaics(plan, outcome);
            }
        };
        base::share_indices(2, 2, [&](std::size_t) { return draw; });
        write_page(*outcome.metric, results, facts_of(model, run), plots, mosaics);
    }
    log_end(results);
    return results;
}

ValResults ValReport::finish(tasks::Metric& metric, const Speed& total_ms, std::size_t corrupt,
                             const std::vector<std::pair<std::string, std::string>>& facts) {
    ValResults results = measure(metric, total_ms, corrupt);
    write_table(metric, results);
    if (args_.plots) write_page(metric, results, facts, draw_plots(metric, results), {});
    log_end(results);
    return results;
}

}  // namespace yolovino::engine
