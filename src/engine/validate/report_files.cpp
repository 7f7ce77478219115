#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/share_indices.hpp"
#include "engine/predict/label_files.hpp"
#include "engine/validate/report.hpp"
#include "plots/plots.hpp"
#include "tasks/resized.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// COCO leaves gaps in its category ids; its lists of images need them back.
int coco_category(int cls) {
    static constexpr int kGaps[] = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83};
    int id = cls + 1;
    for (const int gap : kGaps) id += id >= gap ? 1 : 0;
    return id;
}

int category_of(int cls, const ValPlan& plan) {
    if (const auto found = plan.scan.category_ids.find(cls); found != plan.scan.category_ids.end())
        return found->second;
    return plan.split.coco ? coco_category(cls) : cls + 1;
}

std::string image_id(const data::Sample& sample) {
    if (sample.image_id >= 0) return std::to_string(sample.image_id);
    const std::string stem = fs::path(sample.path).stem().string();
    constexpr std::size_t kMaxDigits = 18;
    const bool number = !stem.empty() && stem.size() <= kMaxDigits &&
                        std::ranges::all_of(stem, [](unsigned char c) { return std::isdigit(c) != 0; });
    return number ? std::to_string(std::stoll(stem)) : Json(stem).dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// A field of a CSV file. A name is no formula, whatever it begins with.
std::string csv(const std::string& text) {
    std::string safe = base::printable(text);
    if (!safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos) safe.insert(0, 1, '\'');
    if (safe.find_first_of(",\"") == std::string::npos) return safe;
    std::string quoted = "\"";
    for (const char c : safe) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

std::string text_of(const tasks::MetricTable& table) {
    std::string text = "class";
    for (const std::string& title : table.file_titles) text += "," + title;
    text += '\n';
    for (const tasks::MetricTable::Row& row : table.rows) {
        text += csv(row.name);
        for (const std::size_t count : row.counts) text += fmt::format(",{}", count);
        for (const double number : row.numbers) text += fmt::format(",{}", number);
        text += '\n';
    }
    return text;
}

/// A plot that cannot be drawn does not spoil the numbers. Returns whether it was drawn.
template <typename Draw>
bool try_plot(Draw&& draw) {
    try {
        draw();
        return true;
    } catch (const Error& error) {
        base::warn("a plot is skipped: {}", error.what());
        return false;
    }
}

}  // namespace

void ValReport::write_numbers(const tasks::Metric& metric, const tasks::MetricTable& table,
                              const ValResults& results) const {
    Json root = {{"results", Json::object()}};
    for (const auto& [key, value] : results.results_dict) root["results"][key] = value;
    metric.append_json(root, names_, results);
    root["speed"] = {{"preprocess", results.speed.preprocess},
                     {"inference", results.speed.inference},
                     {"loss", 0.0},
                     {"postprocess", results.speed.postprocess}};
    base::write_text_file(folder_ / "results.csv", text_of(table));
    base::write_text_file(folder_ / "results.json", root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void ValReport::write_predictions(const ValPlan& plan, const ValOutcome& outcome) const {
    if (task_.traits().labels == data::LabelForm::Folders) return;  // classes of whole images have no such form
    const fs::path file = folder_ / "predictions.json";
    if (args_.verbose) base::info("Saving {}...", file.string());
    std::string text = "[";
    for (const ImageResults& image : outcome.image_results) {
        const data::Sample& sample = plan.scan.samples[image.sample];
        const std::string head = fmt::format(
            R"({{"image_id": {}, "file_name": {}, "category_id": )", image_id(sample),
            Json(fs::path(sample.path).filename().string()).dump(-1, ' ', true, Json::error_handler_t::replace));
        for (const tasks::Task::CocoEntry& entry : task_.coco_entries(image.results)) {
            if (text.size() > 1) text += ", ";
            text += head;
            text += fmt::format("{}, {}}}", category_of(entry.cls, plan), entry.members);
        }
    }
    base::write_text_file(file, text + "]");
    write_task_files(plan, outcome);
}

void ValReport::write_task_files(const ValPlan& plan, const ValOutcome& outcome) const {
    std::vector<tasks::Task::NamedResults> images;
    for (const ImageResults& image : outcome.image_results)
        images.push_back({fs::path(plan.scan.samples[image.sample].path).stem().string(), &image.results});
    const std::string folder = fs::path(plan.split.images.front()).parent_path().string();
    for (const tasks::Task::TextFile& each : task_.prediction_files(images, names_, folder)) {
        std::error_code error;
        fs::create_directories((folder_ / each.name).parent_path(), error);
        base::write_text_file(folder_ / each.name, each.text);
    }
}

void ValReport::write_labels(const ValPlan& plan, const ValOutcome& outcome) const {
    if (task_.traits().labels == data::LabelForm::Folders) return;
    std::error_code error;
    fs::create_directories(folder_ / "labels", error);
    const bool fresh = fs::is_empty(folder_ / "labels", error);
    const auto leftovers = fresh ? base::Leftovers::None : base::Leftovers::Possible;
    for (const ImageResults& image : outcome.image_results) {
        const fs::path stem = fs::path(plan.scan.samples[image.sample].path).stem();
        engine::write_labels(image.results, folder_ / "labels" / (stem.string() + ".txt"), args_.save_conf, leftovers);
    }
}

/// Each plot is a process of its own, so that they share the cores.
std::vector<plots::PageImage> ValReport::draw_plots(const tasks::Metric& metric, const ValResults& results) const {
    constexpr std::size_t kAtOnce = 3;
    const std::vector<tasks::Plot> plots = metric.plots(names_, results);
    std::vector<char> drawn(plots.size());
    base::share_indices(plots.size(), kAtOnce, [&](std::size_t) {
        return [&](std::size_t i) { drawn[i] = try_plot([&] { plots[i].draw(folder_ / plots[i].file); }) ? 1 : 0; };
    });
    std::vector<plots::PageImage> images;
    for (std::size_t i = 0; i < plots.size(); ++i) {
        std::string caption = fs::path(plots[i].file).stem().string();
        std::ranges::replace(caption, '_', ' ');
        if (drawn[i] != 0) images.push_back({folder_ / plots[i].file, std::move(caption)});
    }
    return images;
}

plots::MosaicTile ValReport::tile_of(const ValTile& tile, const ValPlan& plan, bool predictions) const {
    const tasks::Drawing& drawing = predictions ? tile.predictions : tile.truths;
    std::string caption;
    if (drawing.cls) caption += names_.at(static_cast<std::size_t>(*drawing.cls));
    if (drawing.conf) caption += fmt::format(" {:.2f}", *drawing.conf);
    if (!caption.empty()) caption += ", ";
    caption += fs::path(plan.scan.samples[tile.sample].path).filename().string();
    PlotArgs plot;
    plot.conf = predictions;
    return {tile.image,
            [this, plot, &objects = drawing.objects](Image& image) {
                task_.draw(image, tasks::resized(objects, image.size()), plot);
            },
            std::move(caption)};
}

std::vector<plots::PageImage> ValReport::draw_mosaics(const ValPlan& plan, ValOutcome& outcome) const {
    std::vector<plots::PageImage> images;
    const auto names = std::make_shared<const ClassNames>(names_);
    for (std::size_t b = 0; b < outcome.tiles.size(); ++b) {
        for (ValTile& tile : outcome.tiles[b]) tile.truths.objects.names = tile.predictions.objects.names = names;
        for (const bool predictions : {false, true}) {
            std::vector<plots::MosaicTile> tiles;
            for (const ValTile& tile : outcome.tiles[b]) tiles.push_back(tile_of(tile, plan, predictions));
            const fs::path file = folder_ / fmt::format("val_batch{}_{}.jpg", b, predictions ? "pred" : "labels");
            if (try_plot([&] { plots::mosaic(tiles, file); }))
                images.push_back({file, fmt::format("Batch {}: {}", b, predictions ? "predictions" : "labels")});
        }
    }
    return images;
}

void ValReport::write_page(const tasks::Metric& metric, const ValResults& results,
                           const std::vector<std::pair<std::string, std::string>>& facts,
                           const std::vector<plots::PageImage>& plots,
                           const std::vector<plots::PageImage>& mosaics) const {
    const tasks::MetricTable numbers = metric.table(names_, results);
    std::string summary = fmt::format("{} images", results.images);
    if (results.instances > 0) summary += fmt::format(", {} instances", results.instances);
    if (results.corrupt > 0) summary += fmt::format(", {} skipped as corrupt", results.corrupt);
    for (const auto& [name, value] : facts) {
        if (name == "model") summary.insert(0, value + ": ");
        if (name == "shards" && !args_.shard.empty()) summary += ", part " + args_.shard;
    }
    plots::ReportPage page("Validation", summary);
    plots::PageTable table{.caption = "Results", .titles = {"Class"}, .rows = {}, .total_first = true};
    table.titles.insert(table.titles.end(), numbers.file_titles.begin(), numbers.file_titles.end());
    for (const tasks::MetricTable::Row& row : numbers.rows) {
        std::vector<std::string>& cells = table.rows.emplace_back(1, row.name);
        for (const std::size_t count : row.counts) cells.push_back(std::to_string(count));
        for (const double number : row.numbers) cells.push_back(fmt::format("{:.4f}", number));
    }
    page.add_table(table);
    page.add_lines("Remarks", numbers.remarks);
    page.add_facts("Speed, ms per image", {{"preprocess", fmt::format("{:.1f}", results.speed.preprocess)},
                                           {"inference", fmt::format("{:.1f}", results.speed.inference)},
                                           {"postprocess", fmt::format("{:.1f}", results.speed.postprocess)}});
    try_plot([&] { page.add_images("Plots", plots); });
    try_plot([&] { page.add_images("Labels and predictions", mosaics); });
    page.add_facts("Run", facts);
    page.write(folder_ / "report.html");
}

}  // namespace yolovino::engine
