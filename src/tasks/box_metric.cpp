#include "tasks/box_metric.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "metrics/bootstrap.hpp"
#include "plots/plots.hpp"

namespace yolovino::tasks {

namespace {

using Json = nlohmann::ordered_json;

Plot curve_plot(std::string file, plots::CurveSet set) {
    return {std::move(file), [set = std::move(set)](const std::filesystem::path& path) { plots::curves(set, path); }};
}

ValPart part_of(const metrics::Score& score, const ClassNames& names) {
    ValPart part{score.precision, score.recall, score.map50, score.map75, score.map, score.best_conf, {}};
    for (const metrics::ClassScore& each : score.classes) {
        part.classes.push_back({each.cls, names.at(static_cast<std::size_t>(each.cls)), each.images, each.instances,
                                each.precision, each.recall, each.f1, each.ap50(), each.ap50_95()});
    }
    return part;
}

/// The numbers of all classes by name.
Json classes_json(const ValPart& part) {
    Json classes = Json::object();
    for (const ValClass& each : part.classes) {
        // Two classes may share a name; a JSON object has each key once.
        const std::string key = classes.contains(each.name) ? fmt::format("{} ({})", each.name, each.cls) : each.name;
        classes[key] = {{"instances", each.instances}, {"images", each.images}, {"p", each.p}, {"r", each.r},
                        {"ap50", each.ap50},           {"ap", each.ap}};
    }
    return classes;
}

ValPart box_part(const ValResults& results) {
    return {results.mp, results.mr, results.map50, results.map75, results.map, results.best_conf, results.classes};
}

/// The second part, if there is one.
const ValPart* second_part(const ValResults& results) {
    if (results.seg) return &*results.seg;
    return results.pose ? &*results.pose : nullptr;
}

void add_numbers(const ValPart& part, std::vector<MetricTable::Row>& rows) {
    rows.front().numbers.insert(rows.front().numbers.end(), {part.mp, part.mr, part.map50, part.map});
    for (std::size_t c = 0; c < part.classes.size(); ++c) {
        const ValClass& each = part.classes[c];
        std::vector<double>& numbers = rows.at(c + 1).numbers;
        numbers.insert(numbers.end(), {each.p, each.r, each.ap50, each.ap});
    }
}

}  // namespace

BoxMetric::BoxMetric(const MetricArgs& args, const Form& form) : args_(args), form_(form) {
    parts_.emplace_back(args.classes);
    while (parts_.size() < form.parts.size()) parts_.emplace_back();
}

BoxMetric::BoxMetric(std::vector<metrics::Accumulator> parts, const Form& form)
    : form_(form), parts_(std::move(parts)) {}

void BoxMetric::record(std::uint32_t index, const metrics::ScoredImage& image, std::vector<Compared> compared) {
    parts_.front().confusion().add(image, compared.front().overlaps, args_.confusion_conf, args_.protocol);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        metrics::ImageRecord each{index, image, std::move(compared[i].coco)};
        metrics::match(each.scored, compared[i].overlaps, args_.protocol);
        parts_[i].add(std::move(each));
    }
}

void BoxMetric::append(Metric&& other) {
    auto& of_same_task = dynamic_cast<BoxMetric&>(other);
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].append(std::move(of_same_task.parts_.at(i)));
}

void BoxMetric::sort() {
    for (metrics::Accumulator& each : parts_) each.sort();
}

void BoxMetric::merge(Metric&& other) {
    auto& of_same_task = dynamic_cast<BoxMetric&>(other);
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].merge(std::move(of_same_task.parts_.at(i)));
}

Metric::Ranking BoxMetric::ranking(metrics::Protocol protocol, int bootstrap_samples) const {
    std::vector<const metrics::ScoredImage*> scored;
    for (const metrics::ImageRecord& each : parts_.back().images()) scored.push_back(&each.scored);
    const metrics::Interval interval = metrics::bootstrap_map(scored, protocol, bootstrap_samples);
    return {parts_.back().score(protocol).map, interval.low, interval.high};
}

void BoxMetric::summarize(metrics::Protocol protocol, const ClassNames& names, ValResults& out) {
    scores_.clear();
    for (const metrics::Accumulator& each : parts_) scores_.push_back(each.score(protocol));
    ValPart box = part_of(scores_.front(), names);
    out.mp = box.mp;
    out.mr = box.mr;
    out.map50 = box.map50;
    out.map75 = box.map75;
    out.map = box.map;
    out.best_conf = box.best_conf;
    out.classes = std::move(box.classes);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const metrics::Score& score = scores_[i];
        const std::string_view letter = form_.parts[i].letter;
        out.results_dict.emplace_back(fmt::format("metrics/precision({})", letter), score.precision);
        out.results_dict.emplace_back(fmt::format("metrics/recall({})", letter), score.recall);
        out.results_dict.emplace_back(fmt::format("metrics/mAP50({})", letter), score.map50);
        out.results_dict.emplace_back(fmt::format("metrics/mAP50-95({})", letter), score.map);
        out.fitness += score.fitness;
    }
    out.results_dict.emplace_back("fitness", out.fitness);
    for (const metrics::ClassScore& each : scores_.front().classes) out.instances += each.instances;
    place(part_of(scores_.back(), names), out);
    const metrics::ConfusionMatrix& matrix = parts_.front().confusion();
    out.confusion_matrix.assign(matrix.side(), std::vector<std::uint64_t>(matrix.side()));
    for (std::size_t p = 0; p < matrix.side(); ++p) {
        for (std::size_t t = 0; t < matrix.side(); ++t) out.confusion_matrix[p][t] = matrix.at(p, t);
    }
}

MetricTable BoxMetric::table(const ClassNames& names, const ValResults& results) const {
    MetricTable table{"Class",
                      {"Images", "Instances"},
                      {"images", "instances"},
                      {{"all", {results.images, results.instances}, {}}},
                      {}};
    for (const Part& part : form_.parts) {
        table.titles.push_back(fmt::format("{}(P", part.title));
        table.titles.insert(table.titles.end(), {"R", "mAP50", "mAP50-95)"});
        const std::string mark = form_.parts.size() == 1 ? "" : fmt::format("({})", part.letter);
        for (const char* title : {"P", "R", "mAP50", "mAP50-95"}) table.file_titles.push_back(title + mark);
    }
    for (const ValClass& each : results.classes)
        table.rows.push_back({names.at(static_cast<std::size_t>(each.cls)), {each.images, each.instances}, {}});
    add_numbers(box_part(results), table.rows);
    if (const ValPart* second = second_part(results)) add_numbers(*second, table.rows);
    table.remarks = coco_lines(results);
    if (!table.remarks.empty()) {
        table.remarks.emplace_back(
            "The table differs from COCO's AP since it compares in the network's pixels, takes up to max_det boxes "
            "where COCO takes 100 per class and image, and interpolates precision between recalls.");
    }
    return table;
}

void BoxMetric::append_json(Json& root, const ClassNames& names, const ValResults& results) const {
    root["map75"] = results.map75;
    root["images"] = results.images;
    root["corrupt"] = results.corrupt;
    root["classes"] = classes_json(box_part(results));
    if (const ValPart* second = second_part(results))
        root[results.seg ? "seg" : "pose"] = {{"map75", second->map75}, {"classes", classes_json(*second)}};
    append_coco(root, results);
    root["confusion_matrix"] = confusion_json(results, names);
}

std::vector<Plot> BoxMetric::curves(std::size_t part, const ClassNames& all_names) const {
    std::vector<double> x(metrics::kCurvePoints);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) / static_cast<double>(x.size() - 1);
    ClassNames names;
    std::vector<double> ap50;
    std::vector<std::vector<double>> pr;
    std::vector<std::vector<double>> p;
    std::vector<std::vector<double>> r;
    std::vector<std::vector<double>> f1;
    for (const metrics::ClassScore& each : scores_.at(part).classes) {
        names.push_back(all_names.at(static_cast<std::size_t>(each.cls)));
        ap50.push_back(each.ap50());
        pr.push_back(each.pr_curve);
        p.push_back(each.precision_curve);
        r.push_back(each.recall_curve);
        f1.push_back(each.f1_curve);
    }
    const std::string title(form_.parts[part].title);
    return {curve_plot(title + "PR_curve.png", plots::precision_recall_curves(x, pr, names, ap50)),
            curve_plot(title + "F1_curve.png", plots::confidence_curves("F1", x, f1, names)),
            curve_plot(title + "P_curve.png", plots::confidence_curves("Precision", x, p, names)),
            curve_plot(title + "R_curve.png", plots::confidence_curves("Recall", x, r, names))};
}

std::vector<Plot> BoxMetric::plots(const ClassNames& names, const ValResults& results) const {
    std::vector<Plot> all;
    for (std::size_t part = 0; part < parts_.size(); ++part)
        std::ranges::move(curves(part, names), std::back_inserter(all));
    std::ranges::move(confusion_plots(names, results), std::back_inserter(all));
    return all;
}

std::string BoxMetric::serialize(std::string_view description) const {
    return metrics::Shard::serialize(parts_, form_.shard_magic, description);
}

std::string coco_text(const CocoMetrics& coco) {
    return fmt::format(
        "AP {:.4f}, AP50 {:.4f}, AP75 {:.4f}, small {:.4f}, medium {:.4f}, large {:.4f}, "
        "AR1 {:.4f}, AR10 {:.4f}, AR100 {:.4f}, small {:.4f}, medium {:.4f}, large {:.4f}",
        coco.ap, coco.ap50, coco.ap75, coco.ap_small, coco.ap_medium, coco.ap_large, coco.ar1, coco.ar10, coco.ar100,
        coco.ar_small, coco.ar_medium, coco.ar_large);
}

Json coco_json(const CocoMetrics& coco) {
    return {{"AP", coco.ap},
            {"AP50", coco.ap50},
            {"AP75", coco.ap75},
            {"APsmall", coco.ap_small},
            {"APmedium", coco.ap_medium},
            {"APlarge", coco.ap_large},
            {"AR1", coco.ar1},
            {"AR10", coco.ar10},
            {"AR100", coco.ar100},
            {"ARsmall", coco.ar_small},
            {"ARmedium", coco.ar_medium},
            {"ARlarge", coco.ar_large}};
}

Json coco_json(const CocoKeypointMetrics& coco) {
    return {{"AP", coco.ap},
            {"AP50", coco.ap50},
            {"AP75", coco.ap75},
            {"APmedium", coco.ap_medium},
            {"APlarge", coco.ap_large},
            {"AR", coco.ar},
            {"AR50", coco.ar50},
            {"AR75", coco.ar75},
            {"ARmedium", coco.ar_medium},
            {"ARlarge", coco.ar_large}};
}

Json confusion_json(const ValResults& results, const ClassNames& names) {
    ClassNames all = names;
    if (results.confusion_matrix.size() > names.size()) all.emplace_back("background");
    return {{"names", all}, {"matrix", results.confusion_matrix}};
}

std::vector<Plot> confusion_plots(const ClassNames& names, const ValResults& results) {
    plots::ConfusionMatrixPlot plot{names, {}, false};
    for (const auto& row : results.confusion_matrix) {
        for (const std::uint64_t count : row) plot.counts.push_back(static_cast<double>(count));
    }
    const auto matrix = [](const plots::ConfusionMatrixPlot& what) {
        return [what](const std::filesystem::path& path) { plots::confusion_matrix(what, path); };
    };
    std::vector<Plot> all = {{"confusion_matrix.png", matrix(plot)}};
    plot.normalized = true;
    all.push_back({"confusion_matrix_normalized.png", matrix(plot)});
    return all;
}

}  // namespace yolovino::tasks
