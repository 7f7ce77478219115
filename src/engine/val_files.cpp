#include "engine/val_files.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <future>
#include <nlohmann/json.hpp>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/label_lines.hpp"
#include "engine/validator.hpp"
#include "plots/plots.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Rounded to decimals as Python's round() does it, on the exact value.
double rounded(double value, int decimals) {
    const std::string text = fmt::format("{:.{}f}", value, decimals);
    double out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

/// The number as Python's json writes it: shortest, with a point.
std::string python_float(double value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

/// COCO leaves gaps in its category ids; its lists of pictures need them back.
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

/// Rows are predictions, columns truths; the names of both in order, the background last.
Json confusion_json(const ValResults& results, const ClassNames& names) {
    ClassNames all = names;
    all.emplace_back("background");
    return {{"names", all}, {"matrix", results.confusion_matrix}};
}

plots::MosaicTile tile_of(const ValTile& tile, const ValPlan& plan, bool predictions) {
    return {tile.image, predictions ? tile.predictions : tile.truths,
            fs::path(plan.scan.samples[tile.sample].path).filename().string()};
}

/// A plot that cannot be drawn does not spoil the numbers.
template <typename Draw>
void try_plot(Draw&& draw) {
    try {
        draw();
    } catch (const Error& error) {
        base::warn("a plot is left out: {}", error.what());
    }
}

}  // namespace

CocoRow coco_row(const Box& box) {
    // In f32, as Ultralytics: centre and size first, then the corner
    const float width = box.x2 - box.x1;
    const float height = box.y2 - box.y1;
    const float left = (box.x1 + box.x2) / 2 - width / 2;
    const float top = (box.y1 + box.y2) / 2 - height / 2;
    return {rounded(static_cast<double>(left), 3), rounded(static_cast<double>(top), 3),
            rounded(static_cast<double>(width), 3), rounded(static_cast<double>(height), 3),
            rounded(static_cast<double>(box.conf), 5)};
}

void ValReport::write_numbers(const ValResults& results) const {
    std::string table = "class,images,instances,P,R,mAP50,mAP50-95\n";
    table += fmt::format("all,{},{},{},{},{},{}\n", results.images, results.instances, results.mp, results.mr,
                         results.map50, results.map);
    Json classes = Json::object();
    for (const ValClass& each : results.classes) {
        table += fmt::format("{},{},{},{},{},{},{}\n", csv(each.name), each.images, each.instances, each.p, each.r,
                             each.ap50, each.ap);
        // Two classes may share a name; a JSON object has each key once.
        const std::string key = classes.contains(each.name) ? fmt::format("{} ({})", each.name, each.cls) : each.name;
        classes[key] = {{"instances", each.instances}, {"images", each.images}, {"p", each.p}, {"r", each.r},
                        {"ap50", each.ap50},           {"ap", each.ap}};
    }
    Json numbers = Json::object();
    for (const auto& [key, value] : results.results_dict) numbers[key] = value;
    const Json root = {{"results", numbers},
                       {"map75", results.map75},
                       {"images", results.images},
                       {"corrupt", results.corrupt},
                       {"classes", classes},
                       {"coco", coco_json(results.coco)},
                       {"confusion_matrix", confusion_json(results, names_)},
                       {"speed",
                        {{"preprocess", results.speed.preprocess},
                         {"inference", results.speed.inference},
                         {"loss", 0.0},
                         {"postprocess", results.speed.postprocess}}}};
    base::write_text_file(folder_ / "results.csv", table);
    base::write_text_file(folder_ / "results.json", root.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void ValReport::write_predictions(const ValPlan& plan, const ValOutcome& outcome) const {
    const fs::path file = folder_ / "predictions.json";
    if (args_.verbose) base::info("Saving {}...", file.string());
    std::string text = "[";
    for (const ValPicture& picture : outcome.pictures) {
        const data::Sample& sample = plan.scan.samples[picture.sample];
        const std::string head = fmt::format(
            R"({{"image_id": {}, "file_name": {}, "category_id": )", image_id(sample),
            Json(fs::path(sample.path).filename().string()).dump(-1, ' ', true, Json::error_handler_t::replace));
        for (const Box& box : picture.boxes) {
            const CocoRow row = coco_row(box);
            if (text.size() > 1) text += ", ";
            text += head;
            text += fmt::format(R"({}, "bbox": [{}, {}, {}, {}], "score": {}}})", category_of(box.cls, plan),
                                python_float(row.x), python_float(row.y), python_float(row.width),
                                python_float(row.height), python_float(row.score));
        }
    }
    base::write_text_file(file, text + "]");
}

void ValReport::write_labels(const Model::State& model, const ValPlan& plan, const ValOutcome& outcome) const {
    std::error_code error;
    fs::create_directories(folder_ / "labels", error);
    const bool fresh = fs::is_empty(folder_ / "labels", error);
    const auto leftovers = fresh ? base::Leftovers::None : base::Leftovers::Possible;
    for (const ValPicture& picture : outcome.pictures) {
        Results results;
        results.orig_shape = picture.size;
        results.names = model.names;
        results.boxes = picture.boxes;
        const fs::path stem = fs::path(plan.scan.samples[picture.sample].path).stem();
        engine::write_labels(results, folder_ / "labels" / (stem.string() + ".txt"), args_.save_conf, leftovers);
    }
}

void ValReport::draw_curves() const {
    std::vector<double> x(metrics::kCurvePoints);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) / static_cast<double>(x.size() - 1);
    ClassNames names;
    std::vector<double> ap50;
    std::vector<std::vector<double>> pr;
    std::vector<std::vector<double>> p;
    std::vector<std::vector<double>> r;
    std::vector<std::vector<double>> f1;
    for (const metrics::ClassScore& each : score_.classes) {
        names.push_back(names_.at(static_cast<std::size_t>(each.cls)));
        ap50.push_back(each.ap50());
        pr.push_back(each.pr_curve);
        p.push_back(each.precision_curve);
        r.push_back(each.recall_curve);
        f1.push_back(each.f1_curve);
    }
    const auto draw = [&](const plots::CurveSet& set, const char* file) {
        try_plot([&] { plots::curves(set, folder_ / file); });
    };
    const auto first = std::async(std::launch::async, [&] {
        draw(plots::precision_recall_curves(x, pr, names, ap50), "BoxPR_curve.png");
        draw(plots::confidence_curves("F1", x, f1, names), "BoxF1_curve.png");
    });
    draw(plots::confidence_curves("Precision", x, p, names), "BoxP_curve.png");
    draw(plots::confidence_curves("Recall", x, r, names), "BoxR_curve.png");
}

void ValReport::draw_matrices(const ValResults& results) const {
    plots::ConfusionMatrixPlot plot{names_, {}, false};
    for (const auto& row : results.confusion_matrix) {
        for (const std::uint64_t count : row) plot.counts.push_back(static_cast<double>(count));
    }
    try_plot([&] {
        plots::confusion_matrix(plot, folder_ / "confusion_matrix.png");
        plot.normalized = true;
        plots::confusion_matrix(plot, folder_ / "confusion_matrix_normalized.png");
    });
}

void ValReport::draw_mosaics(const ValPlan& plan, const ValOutcome& outcome) const {
    for (std::size_t b = 0; b < outcome.tiles.size(); ++b) {
        for (const bool predictions : {false, true}) {
            std::vector<plots::MosaicTile> tiles;
            for (const ValTile& tile : outcome.tiles[b]) tiles.push_back(tile_of(tile, plan, predictions));
            const fs::path file = folder_ / fmt::format("val_batch{}_{}.jpg", b, predictions ? "pred" : "labels");
            try_plot([&] {
                plots::mosaic(tiles, names_, predictions ? plots::MosaicKind::Predictions : plots::MosaicKind::Labels,
                              file);
            });
        }
    }
}

}  // namespace yolovino::engine
