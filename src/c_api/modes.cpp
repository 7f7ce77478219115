#include <array>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/agree.hpp"
#include "yolovino/audit.hpp"
#include "yolovino/benchmark.hpp"
#include "yolovino/error.hpp"
#include "yolovino/val.hpp"

#include "c_api/arguments.hpp"
#include "c_api/call.hpp"
#include "c_api/model.hpp"
#include "c_api/process.hpp"
#include "cli/audit_page.hpp"
#include "cli/text.hpp"

namespace yolovino::c_api {

namespace {

using Json = nlohmann::ordered_json;
using options::Mode;

/// Paths or patterns as `merge_val` takes them.
std::string joined(const char* const* files, std::size_t count) {
    if (count > 0) expect(static_cast<const void*>(files), "files");
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < count; ++i) {
        expect(files[i], "a file");
        paths.emplace_back(files[i]);
        if (paths.back().find(',') != std::string::npos) {
            throw Error(ErrorCode::InvalidArgument, "val", "the name of a part contains a comma", {.file = files[i]},
                        "rename its folder");
        }
    }
    return options::join(paths, ",");
}

std::string benchmark_json(const BenchmarkReport& report, const std::filesystem::path& folder) {
    Json json = {{"rows", Json::array()}};
    for (const BenchmarkRow& row : report.rows) json["rows"].push_back(Json::parse(row.to_json()));
    json["table"] = to_table(report);
    json["method"] = report.method;
    json["data"] = report.data;
    json["seconds"] = report.seconds;
    json["save_dir"] = folder.string();
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string run_benchmark(const std::filesystem::path& checkpoint, const BenchmarkArgs& args) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::string> formats = benchmark_formats(args);
    BenchmarkReport report = start_benchmark(args);
    report.data = args.data.string();
    report.imgsz = args.imgsz.value_or(ImageSize{});
    for (const std::string& format : formats) report.rows.push_back(benchmark(checkpoint, format, args));
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return benchmark_json(report, save_benchmark(report, args));
}

Agreement run_compare(const std::vector<options::Argument>& arguments) {
    const options::Settings settings = settings_of(Mode::Agree, arguments);
    AgreeArgs args = settings.agree;
    args.source = settings.source;
    const std::vector<std::string_view> models = options::split_list(settings.model);
    if (models.size() > args.sides.size()) {
        throw Error(ErrorCode::InvalidArgument, "compare",
                    fmt::format("model names {} sides, wanted one or two", models.size()));
    }
    args.sides[0].model = models.front();
    args.sides[1].model = models.back();
    return agree(args);
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::c_api::expect;
using yolovino::c_api::expect_place;
using yolovino::c_api::new_text;
using yolovino::options::Mode;

yv_status yv_export(yv_model* model, const yv_option* options, size_t count, char** path, yv_error** error) {
    return call("export", error, [&] {
        expect_place(path, "the place of the path");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        // What predictions of the model take concerns no export.
        auto settings = state.settings(Mode::Export, yolovino::c_api::arguments_of(options, count));
        if (settings.export_args.format.empty()) settings.export_args.format = yolovino::ExportArgs().format;
        *path = new_text(state.model().export_to(settings.export_args).string());
    });
}

yv_status yv_val(yv_model* model, const yv_option* options, size_t count, char** json, yv_error** error) {
    return call("val", error, [&] {
        expect_place(json, "the place of the text");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        const auto settings = state.settings(Mode::Val, yolovino::c_api::arguments_of(options, count));
        *json = new_text(state.model().val(settings.val).to_json());
    });
}

yv_status yv_val_merge(const char* const* files, size_t file_count, const yv_option* options, size_t count, char** json,
                       yv_error** error) {
    return call("val", error, [&] {
        expect_place(json, "the place of the text");
        const auto settings = yolovino::c_api::settings_of(Mode::Val, yolovino::c_api::arguments_of(options, count));
        const std::string parts = yolovino::c_api::joined(files, file_count);
        *json = new_text(yolovino::merge_val(parts, settings.val).to_json());
    });
}

yv_status yv_benchmark(const char* checkpoint, const yv_option* options, size_t count, char** json, yv_error** error) {
    return call("benchmark", error, [&] {
        expect_place(json, "the place of the text");
        expect(checkpoint, "checkpoint");
        yolovino::c_api::expect_own_process();
        const auto settings =
            yolovino::c_api::settings_of(Mode::Benchmark, yolovino::c_api::arguments_of(options, count));
        yolovino::c_api::note_loaded();
        *json = new_text(yolovino::c_api::run_benchmark(checkpoint, settings.benchmark));
    });
}

yv_status yv_compare(const yv_option* options, size_t count, char** json, yv_error** error) {
    return call("compare", error, [&] {
        expect_place(json, "the place of the text");
        yolovino::c_api::expect_own_process();
        const auto arguments = yolovino::c_api::arguments_of(options, count);
        yolovino::c_api::note_loaded();
        *json = new_text(yolovino::c_api::run_compare(arguments).to_json());
    });
}

yv_status yv_audit(const char* path, char** json, yv_error** error) {
    return call("audit", error, [&] {
        expect_place(json, "the place of the text");
        expect(path, "path");
        *json = new_text(yolovino::cli::audit_json(yolovino::audit(path)));
    });
}
