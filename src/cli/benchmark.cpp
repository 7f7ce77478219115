#include "cli/benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "yolovino/benchmark.hpp"
#include "yolovino/error.hpp"

#include "cli/console.hpp"
#include "cli/isolate.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> split_models(std::string_view text) {
    std::vector<fs::path> models;
    for (const std::string_view word : split_list(text)) {
        if (!word.empty()) models.emplace_back(word);
    }
    return models;
}

BenchmarkRow measure(const fs::path& model, const std::string& format, const BenchmarkArgs& args) {
    try {
        return BenchmarkRow::from_json(run_isolated([&] { return benchmark(model, format, args).to_json(); }));
    } catch (const Error& error) {
        // A crash is a result, too.
        BenchmarkRow row(model, format);
        row.reason = error.message();
        return row;
    }
}

std::vector<std::string> describe_method(const BenchmarkArgs& args) {
    // In a process of its own, so that no library is loaded here and no thread runs when the rows start.
    try {
        const std::string text = run_isolated([&] { return nlohmann::json(start_benchmark(args).method).dump(); });
        return nlohmann::json::parse(text).get<std::vector<std::string>>();
    } catch (const Error& error) {
        return {fmt::format("Machine and versions are not known: {}.", error.message())};
    }
}

void append_log(const std::string& text) {
    const fs::path file = fs::current_path() / "benchmarks.log";
    std::ofstream log(file, std::ios::app | std::ios::binary);
    log << text << '\n';
    log.close();
    if (!log) throw Error(ErrorCode::IoFailure, "benchmark", "cannot append the table", {.file = file.string()});
}

}  // namespace

void run_benchmark(const Settings& settings) {
    const auto start = std::chrono::steady_clock::now();
    const BenchmarkArgs& args = settings.benchmark;
    drop_repeated_warnings();
    const std::vector<std::string> formats = benchmark_formats(args);
    const std::vector<fs::path> models = split_models(settings.model);
    for (const fs::path& model : models) {
        if (!fs::exists(model))
            throw Error(ErrorCode::NotFound, "benchmark", "the model does not exist", {.file = model.string()});
    }
    if (!fs::exists(args.data))
        throw Error(ErrorCode::NotFound, "benchmark", "the dataset does not exist", {.file = args.data.string()});
    BenchmarkReport report;
    report.method = describe_method(args);
    report.data = args.data.string();
    report.imgsz = args.imgsz.value_or(ImageSize{});
    for (const fs::path& model : models) {
        for (const std::string& format : formats) {
            if (args.verbose) print(fmt::format("{} as {}...\n", safe(model.string()), format));
            report.rows.push_back(measure(model, format, args));
        }
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::string table = to_table(report);
    print("\n" + table);
    append_log(table);
    print(fmt::format("Results saved to {}\n", save_benchmark(report, args).string()));
    const bool any = std::ranges::any_of(
        report.rows, [](const BenchmarkRow& row) { return row.status == BenchmarkStatus::Success; });
    if (!any) throw Error(ErrorCode::RuntimeFailure, "benchmark", "no row succeeded");
}

}  // namespace yolovino::cli
