#include <algorithm>
#include <fmt/format.h>
#include <future>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/run_folder.hpp"
#include "engine/val_files.hpp"
#include "engine/validator.hpp"

namespace yolovino {

double ValResults::operator[](const std::string& key) const {
    for (const auto& [name, value] : results_dict) {
        if (name == key) return value;
    }
    throw Error(ErrorCode::InvalidArgument, "val", fmt::format("there is no result '{}'", base::printable(key)));
}

}  // namespace yolovino

namespace yolovino::engine {

namespace {

bool writes_files(const ValArgs& args) {
    return args.save || args.plots || args.save_json || args.save_txt || !args.shard.empty();
}

/// Class names are long at times; the columns stay in line, as in Ultralytics' table.
std::string row(const std::string& name, std::size_t images, std::size_t instances, double p, double r, double ap50,
                double ap) {
    // printf's %g keeps three digits; fmt's g does the same
    return fmt::format("{:>22}{:>11}{:>11}{:>11.3g}{:>11.3g}{:>11.3g}{:>11.3g}", base::printable(name), images,
                       instances, p, r, ap50, ap);
}

}  // namespace

metrics::Protocol parse_protocol(const std::string& text) {
    if (text == "ultralytics") return metrics::Protocol::Ultralytics;
    if (text == "classic") return metrics::Protocol::Classic;
    throw Error(ErrorCode::InvalidArgument, "val",
                fmt::format("protocol is '{}', wanted ultralytics or classic", base::printable(text)));
}

ValReport::ValReport(const ValArgs& args, ClassNames names)
    : args_(args), names_(std::move(names)), protocol_(parse_protocol(args.protocol)) {
    if (writes_files(args)) folder_ = data::make_run_folder("detect", "val", args.project, args.name, args.exist_ok);
}

ValResults ValReport::measure(const metrics::Accumulator& accumulator, const Speed& total_ms, std::size_t corrupt) {
    score_ = accumulator.score(protocol_);
    ValResults out;
    out.mp = score_.precision;
    out.mr = score_.recall;
    out.map50 = score_.map50;
    out.map75 = score_.map75;
    out.map = score_.map;
    out.fitness = score_.fitness;
    out.best_conf = score_.best_conf;
    out.results_dict = {{"metrics/precision(B)", out.mp},
                        {"metrics/recall(B)", out.mr},
                        {"metrics/mAP50(B)", out.map50},
                        {"metrics/mAP50-95(B)", out.map},
                        {"fitness", out.fitness}};
    out.images = accumulator.images().size();
    out.corrupt = corrupt;
    for (const metrics::ClassScore& each : score_.classes) {
        out.classes.push_back({each.cls, names_.at(static_cast<std::size_t>(each.cls)), each.images, each.instances,
                               each.precision, each.recall, each.f1, each.ap50(), each.ap50_95()});
        out.instances += each.instances;
    }
    out.coco = accumulator.coco();
    const auto count = static_cast<double>(std::max<std::size_t>(out.images, 1));
    out.speed = {total_ms.preprocess / count, total_ms.inference / count, total_ms.postprocess / count};
    const metrics::ConfusionMatrix& matrix = accumulator.confusion();
    out.confusion_matrix.assign(matrix.side(), std::vector<std::uint64_t>(matrix.side()));
    for (std::size_t p = 0; p < matrix.side(); ++p) {
        for (std::size_t t = 0; t < matrix.side(); ++t) out.confusion_matrix[p][t] = matrix.at(p, t);
    }
    out.save_dir = folder_;
    return out;
}

void ValReport::log_table(const ValResults& results) const {
    base::info("{:>22}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}", "Class", "Images", "Instances", "Box(P", "R", "mAP50",
               "mAP50-95)");
    base::info("{}", row("all", results.images, results.instances, results.mp, results.mr, results.map50, results.map));
    if (args_.verbose && names_.size() > 1) {
        for (const ValClass& each : results.classes)
            base::info("{}", row(each.name, each.images, each.instances, each.p, each.r, each.ap50, each.ap));
    }
    base::info("Speed: {:.1f}ms preprocess, {:.1f}ms inference, {:.1f}ms loss, {:.1f}ms postprocess per image",
               results.speed.preprocess, results.speed.inference, 0.0, results.speed.postprocess);
    const CocoMetrics& coco = results.coco;
    base::info(
        "COCO protocol: AP {:.4f}, AP50 {:.4f}, AP75 {:.4f}, small {:.4f}, medium {:.4f}, large {:.4f}, "
        "AR1 {:.4f}, AR10 {:.4f}, AR100 {:.4f}, small {:.4f}, medium {:.4f}, large {:.4f}",
        coco.ap, coco.ap50, coco.ap75, coco.ap_small, coco.ap_medium, coco.ap_large, coco.ar1, coco.ar10, coco.ar100,
        coco.ar_small, coco.ar_medium, coco.ar_large);
    base::info(
        "The table differs from COCO's AP since it compares in the network's pixels, takes up to max_det boxes where "
        "COCO takes 100 per class and image, and interpolates precision between recalls.");
}

void ValReport::log_end(const ValResults& results) const {
    if (results.corrupt > 0) base::warn("{} picture(s) were left out as corrupt", results.corrupt);
    if (!folder_.empty()) base::info("Results saved to {}", folder_.string());
}

ValResults ValReport::finish(const Model::State& model, const ValPlan& plan, const ValOutcome& outcome) {
    ValResults results = measure(outcome.accumulator, outcome.total_ms, plan.scan.corrupt + outcome.unreadable);
    log_table(results);
    if (args_.save) write_numbers(results);
    if (args_.save_json) write_predictions(plan, outcome);
    if (args_.save_txt) write_labels(model, plan, outcome);
    if (!args_.shard.empty()) results.shard_file = write_shard(model, plan, outcome);
    if (args_.plots) {
        // Each plot is a process of its own, so that they share the cores.
        const auto curves = std::async(std::launch::async, [&] { draw_curves(); });
        const auto matrices = std::async(std::launch::async, [&] { draw_matrices(results); });
        draw_mosaics(plan, outcome);
    }
    log_end(results);
    return results;
}

ValResults ValReport::finish(const metrics::Accumulator& accumulator, const Speed& total_ms, std::size_t corrupt) {
    ValResults results = measure(accumulator, total_ms, corrupt);
    log_table(results);
    if (args_.save) write_numbers(results);
    if (args_.plots) {
        draw_curves();
        draw_matrices(results);
    }
    log_end(results);
    return results;
}

}  // namespace yolovino::engine
