#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <nlohmann/json.hpp>

#include "yolovino/benchmark.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/run_folder.hpp"
#include "plots/plots.hpp"
#include "plots/report_page.hpp"
#include "tasks/lookup.hpp"
#include "tasks/table.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewImages = 100;

/// The numbers of a row, by the key that JSON gives them.
struct Number {
    const char* key;
    double BenchmarkRow::*member;
};
constexpr std::array<Number, 11> kNumbers = {{{"size_mb", &BenchmarkRow::size_mb},
                                              {"map", &BenchmarkRow::map},
                                              {"map_low", &BenchmarkRow::map_low},
                                              {"map_high", &BenchmarkRow::map_high},
                                              {"inference_ms", &BenchmarkRow::inference_ms},
                                              {"median_ms", &BenchmarkRow::median_ms},
                                              {"p95_ms", &BenchmarkRow::p95_ms},
                                              {"preprocess_ms", &BenchmarkRow::preprocess_ms},
                                              {"postprocess_ms", &BenchmarkRow::postprocess_ms},
                                              {"load_ms", &BenchmarkRow::load_ms},
                                              {"peak_mb", &BenchmarkRow::peak_mb}}};

/// For pages, which may be read where the fonts lack the signs.
const char* word_of(BenchmarkStatus status) {
    switch (status) {
        case BenchmarkStatus::Success:
            return "success";
        case BenchmarkStatus::NotRun:
            return "run failed";
        case BenchmarkStatus::NotExported:
            break;
    }
    return "export failed";
}

const char* sign_of(BenchmarkStatus status) {
    switch (status) {
        case BenchmarkStatus::Success:
            return "✅";
        case BenchmarkStatus::NotRun:
            return "❎";
        case BenchmarkStatus::NotExported:
            break;
    }
    return "❌";
}

Json json_of(const BenchmarkRow& row) {
    Json json = {{"model", row.model},   {"format", row.format},   {"status", sign_of(row.status)},
                 {"reason", row.reason}, {"runtime", row.runtime}, {"task", row.task},
                 {"metric", row.metric}, {"images", row.images}};
    for (const auto& [key, member] : kNumbers) json[key] = row.*member;  // NaN is written as null
    json["fps"] = row.fps();
    return json;
}

std::string number(double value, int decimals) {
    return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, decimals);
}

using Cells = std::vector<std::string>;

/// What the models are measured by; several tasks have several of them.
std::string metric_names(const BenchmarkReport& report) {
    std::vector<std::string> names;
    for (const BenchmarkRow& row : report.rows) {
        if (!row.metric.empty() && std::ranges::find(names, row.metric) == names.end()) names.push_back(row.metric);
    }
    return names.empty() ? "accuracy" : fmt::format("{}", fmt::join(names, ", "));
}

Cells header(const BenchmarkReport& report) {
    return {"",    "Model",       "Format",   "Status❔",  "Size (MB)", metric_names(report), "Inference time (ms/im)",
            "FPS", "Median (ms)", "p95 (ms)", "Pre (ms)", "Post (ms)", "Load (ms)",          "Peak memory (MB)"};
}

Cells cells(const BenchmarkRow& row, std::size_t index) {
    return {std::to_string(index),       base::printable(row.model),   row.format,
            sign_of(row.status),         number(row.size_mb, 1),       number(row.map, 4),
            number(row.inference_ms, 2), number(row.fps(), 2),         number(row.median_ms, 2),
            number(row.p95_ms, 2),       number(row.preprocess_ms, 2), number(row.postprocess_ms, 2),
            number(row.load_ms, 0),      number(row.peak_mb, 0)};
}

/// Columns that text takes on a terminal: one a character, two a sign such as ✅.
std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) count += byte >= 0xE2 && text.substr(i, 3) != "…" ? 2 : 1;
    }
    return count;
}

/// A table that is one in Markdown, too.
std::string table(const BenchmarkReport& report) {
    std::vector<Cells> lines = {header(report)};
    for (std::size_t i = 0; i < report.rows.size(); ++i) lines.push_back(cells(report.rows[i], i + 1));
    std::vector<std::size_t> widths(lines.front().size(), 3);
    for (const Cells& line : lines) {
        for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], columns(line[c]));
    }
    std::string text;
    for (std::size_t l = 0; l < lines.size(); ++l) {
        for (std::size_t c = 0; c < widths.size(); ++c) {
            text += fmt::format("| {}{} ", lines[l][c], std::string(widths[c] - columns(lines[l][c]), ' '));
        }
        text += "|\n";
        if (l > 0) continue;
        for (const std::size_t width : widths) text += fmt::format("|{}", std::string(width + 2, '-'));
        text += "|\n";
    }
    return text;
}

/// What follows the table: failures, intervals, warnings, method.
std::vector<std::string> notes(const BenchmarkReport& report) {
    std::vector<std::string> lines;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const BenchmarkRow& row : report.rows) {
        const std::string name = fmt::format("{} {}", base::printable(row.model), row.format);
        if (!row.reason.empty()) lines.push_back(fmt::format("{} {}: {}", sign_of(row.status), name, row.reason));
        if (!std::isnan(row.map_low)) {
            lines.push_back(fmt::format("{}: {} {:.4f}, 95 % interval {:.4f} to {:.4f}; {}", name, row.metric, row.map,
                                        row.map_low, row.map_high, row.runtime));
            fewest = std::min(fewest, row.images);
        }
    }
    if (fewest < kFewImages)
        lines.push_back(
            fmt::format("WARNING ⚠️ {} images are few: the accuracy is that of a small sample", fewest));
    lines.insert(lines.end(), report.method.begin(), report.method.end());
    return lines;
}

std::string title(const BenchmarkReport& report) {
    std::vector<std::string> models;
    for (const BenchmarkRow& row : report.rows) {
        if (std::ranges::find(models, row.model) == models.end()) models.push_back(row.model);
    }
    const std::string size = report.imgsz.height > 0 ? std::to_string(report.imgsz.height) : "the size of the training";
    return fmt::format("Benchmarks complete for {} on {} at imgsz={} ({:.2f}s)",
                       base::printable(fmt::format("{}", fmt::join(models, ", "))), base::printable(report.data), size,
                       report.seconds);
}

/// Quotes for CSV.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

std::string to_csv(const BenchmarkReport& report) {
    std::string text = "model,format,status,task,metric,images";
    for (const auto& [key, member] : kNumbers) text += fmt::format(",{}", key);
    text += ",fps,runtime,reason\n";
    for (const BenchmarkRow& row : report.rows) {
        text += fmt::format("{},{},{},{},{},{}", quoted(row.model), row.format, sign_of(row.status), row.task,
                            row.metric, row.images);
        for (const auto& [key, member] : kNumbers)
            text += std::isnan(row.*member) ? "," : fmt::format(",{}", row.*member);
        text += fmt::format(",{},{},{}\n", std::isnan(row.fps()) ? "" : fmt::format("{:.2f}", row.fps()),
                            quoted(row.runtime), quoted(row.reason));
    }
    return text;
}

std::string to_json(const BenchmarkReport& report) {
    Json json = {{"data", report.data},
                 {"imgsz", {report.imgsz.height, report.imgsz.width}},
                 {"seconds", report.seconds},
                 {"method", report.method},
                 {"rows", Json::array()}};
    for (const BenchmarkRow& row : report.rows) json["rows"].push_back(json_of(row));
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Groups of bars by model, a bar for each format, as on Ultralytics' page.
plots::BarChart chart(const BenchmarkReport& report, std::string title, std::string unit, double BenchmarkRow::*value) {
    plots::BarChart chart{std::move(title), std::move(unit), {}, {}};
    for (const BenchmarkRow& row : report.rows) {
        if (std::ranges::find(chart.groups, row.model) == chart.groups.end()) chart.groups.push_back(row.model);
        if (std::ranges::find(chart.series, row.format, &plots::BarSeries::name) == chart.series.end())
            chart.series.push_back({row.format, {}});
    }
    for (plots::BarSeries& series : chart.series) {
        for (const std::string& group : chart.groups) {
            const auto row = std::ranges::find_if(report.rows, [&](const BenchmarkRow& each) {
                return each.model == group && each.format == series.name;
            });
            series.values.push_back(row == report.rows.end() ? kNone : (*row).*value);
        }
    }
    return chart;
}

plots::BarChart time_chart(const BenchmarkReport& report) {
    return chart(report, "Inference time per image", "ms", &BenchmarkRow::inference_ms);
}

plots::ReportPage report_page(const BenchmarkReport& report) {
    plots::ReportPage page("Benchmark", title(report));
    plots::PageTable table{"Formats", header(report), {}, 4};
    constexpr std::size_t kStatus = 3;
    table.titles.front() = "#";
    table.titles[kStatus] = "Status";
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        table.rows.push_back(cells(report.rows[i], i + 1));
        table.rows.back()[kStatus] = word_of(report.rows[i].status);
    }
    page.add_table(table);
    page.add_bars(time_chart(report));
    page.add_bars(chart(report, "Accuracy", metric_names(report), &BenchmarkRow::map));
    page.add_bars(chart(report, "Size", "MB", &BenchmarkRow::size_mb));
    page.add_lines("Notes", notes(report));
    return page;
}

BenchmarkRow row_of(std::string_view text) {
    return base::translate(ErrorCode::CorruptFile, "benchmark", "the row cannot be read", [&] {
        const Json json = Json::parse(text);
        BenchmarkRow row;
        json.at("model").get_to(row.model);
        json.at("format").get_to(row.format);
        json.at("reason").get_to(row.reason);
        json.at("runtime").get_to(row.runtime);
        json.at("task").get_to(row.task);
        json.at("metric").get_to(row.metric);
        json.at("images").get_to(row.images);
        const auto sign = json.at("status").get<std::string>();
        for (const BenchmarkStatus each : {BenchmarkStatus::Success, BenchmarkStatus::NotRun}) {
            if (sign == sign_of(each)) row.status = each;
        }
        for (const auto& [key, member] : kNumbers)
            row.*member = json.at(key).is_null() ? kNone : json.at(key).get<double>();
        return row;
    });
}

std::string page(const BenchmarkReport& report) {
    return fmt::format("{}\nStatus legend:  ✅ Success  ❎ Export passed, the run failed  ❌ Export failed\n\n{}\n{}\n",
                       title(report), table(report), fmt::join(notes(report), "\n"));
}

fs::path write_files(const BenchmarkReport& report, const BenchmarkArgs& args) {
    // A benchmark may hold models of several tasks: it lies with the runs of the first row's.
    const tasks::Task* task = report.rows.empty() ? nullptr : tasks::find_task(report.rows.front().task);
    const std::string run_folder((task == nullptr ? tasks::task_table().front() : task)->traits().run_folder);
    fs::path folder = data::make_run_folder(run_folder, "benchmark", args.project, args.name, args.exist_ok);
    std::string markdown = fmt::format("{}\n\n{}\n", title(report), table(report));
    for (const std::string& note : notes(report)) markdown += fmt::format("- {}\n", note);
    base::write_text_file(folder / "benchmark.md", markdown);
    base::write_text_file(folder / "benchmark.csv", to_csv(report));
    base::write_text_file(folder / "benchmark.json", to_json(report));
    report_page(report).write(folder / "report.html");
    try {
        plots::grouped_bars(time_chart(report), folder / "benchmark.png");
    } catch (const Error& error) {
        base::warn("benchmark.png is missing: {}", error.what());
    }
    return folder;
}

}  // namespace

BenchmarkRow::BenchmarkRow() noexcept {
    for (const auto& [key, member] : kNumbers) this->*member = kNone;
}

double BenchmarkRow::fps() const {
    return 1000 / (inference_ms + 0.001);
}

std::string BenchmarkRow::to_json() const {
    return base::api_call("benchmark",
                          [&] { return json_of(*this).dump(-1, ' ', false, Json::error_handler_t::replace); });
}

BenchmarkRow BenchmarkRow::from_json(std::string_view text) {
    return base::api_call("benchmark", [&] { return row_of(text); });
}

std::string to_table(const BenchmarkReport& report) {
    return base::api_call("benchmark", [&] { return page(report); });
}

fs::path save_benchmark(const BenchmarkReport& report, const BenchmarkArgs& args) {
    return base::api_call("benchmark", [&] { return write_files(report, args); });
}

}  // namespace yolovino
