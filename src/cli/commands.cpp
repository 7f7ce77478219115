#include "cli/commands.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <vector>

#include "yolovino/audit.hpp"
#include "yolovino/error.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "cli/audit_page.hpp"
#include "cli/benchmark.hpp"
#include "cli/checks.hpp"
#include "cli/console.hpp"
#include "cli/grammar.hpp"
#include "cli/help.hpp"
#include "cli/model_page.hpp"
#include "cli/quantization_page.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

using Kind = Command::Kind;

/// A model that lives as long as the process: taking a compiled network apart costs tens of milliseconds and serves
/// nobody when the process ends anyway.
const Model& keep(Model model) {
    static auto& kept = *new std::deque<Model>;
    return kept.emplace_back(std::move(model));
}

void predict(const Settings& settings) {
    const bool json = settings.predict.save_json;
    if (json) connect_console(InfoStream::Error);
    const Model& model = keep(Model(settings.model));
    // The library writes the lines and the files while it is asked for results.
    for (const Results& results : model.predict(settings.source, settings.predict)) {
        if (json) print(results.to_json() + "\n");
    }
}

/// The name of a format, or as Ultralytics the one that it is most like.
std::string corrected_format(const std::string& name) {
    const std::string word = lower(name);
    const auto is_named = [&](const ExportFormat& each) {
        return each.name == word || std::ranges::find(each.aliases, word) != each.aliases.end();
    };
    if (std::ranges::any_of(export_formats(), is_named)) return name;
    // Those of 8.4.190: what is most like another tool's format is not meant for ours.
    const std::vector<std::string> close = close_matches(
        word, {"torchscript", "onnx",   "openvino", "engine", "coreml", "coreai", "saved_model", "pb",
               "edgetpu",     "litert", "paddle",   "mnn",    "ncnn",   "imx",    "rknn",        "executorch",
               "axelera",     "deepx",  "qnn",      "hailo",  "ascend", "xilinx"});
    const bool ours = !close.empty() &&
                      std::ranges::find(export_formats(), close.front(), &ExportFormat::name) != export_formats().end();
    if (!ours) return name;
    print_warning(fmt::format("Invalid export format='{}', updating to format='{}'", safe(name), close.front()));
    return close.front();
}

/// One set of arguments per format of `format=openvino,onnx`. All are checked before the first is written.
std::vector<ExportArgs> exports_of(const ExportArgs& args) {
    std::vector<ExportArgs> jobs;
    for (const std::string_view name : split_list(args.format)) {
        ExportArgs job = args;
        job.format = corrected_format(std::string(name));
        check_export(job);
        job.format = find_export_format(job.format).name;
        if (std::ranges::find(jobs, job.format, &ExportArgs::format) == jobs.end()) jobs.push_back(std::move(job));
    }
    return jobs;
}

void validate(const Settings& settings) {
    if (settings.merge.empty()) {
        static_cast<void>(Model(settings.model).val(settings.val));
    } else {
        static_cast<void>(merge_val(settings.merge, settings.val));
    }
}

void export_model(const Settings& settings) {
    const std::vector<ExportArgs> jobs = exports_of(settings.exporting);
    const Model model(settings.model);
    for (const ExportArgs& job : jobs) {
        const std::filesystem::path written = model.export_to(job);
        if (!job.verbose) print(written.string() + "\n");
    }
}

void show_model(const Settings& settings) {
    const Model model(settings.model);
    const std::optional<QuantizationInfo> quantization = model.quantization();
    std::vector<LayerPrecision> layers;
    if (!settings.info.device.empty()) layers = model.layer_precisions(settings.info.device);
    if (settings.info.save_json) return print(model_json(model.info(), quantization, layers));
    std::string page = model_page(model.info(), settings.info.verbose);
    if (quantization) page += quantization_page(*quantization, layers);
    if (!quantization && !layers.empty()) page += layers_page(layers);
    print(page);
}

bool is_audit(const Command& command) {
    return command.kind == Kind::Run && command.mode == Mode::Info && command.settings.info.audit;
}

int audit_file(const Settings& settings) {
    const AuditReport report = audit(settings.model);
    print(settings.info.save_json ? audit_json(report) : audit_page(report));
    return report.verdict == NameVerdict::Dangerous ? kFailed : kDone;
}

void copy_config() {
    const std::filesystem::path path = std::filesystem::current_path() / "default_copy.yaml";
    if (std::filesystem::exists(path)) {
        throw Error(ErrorCode::IoFailure, "cli", "the file exists already", {path.string()},
                    "remove it or rename it first");
    }
    std::ofstream out(path, std::ios::binary);
    out << config_text();
    out.close();
    if (!out) throw Error(ErrorCode::IoFailure, "cli", "the file cannot be written", {path.string()});
    print(
        fmt::format("{} was written\nUse it with: yolo predict cfg=default_copy.yaml model=yolov8n.pt source=bus.jpg\n",
                    safe(path.string())));
}

void run_mode(const Command& command) {
    switch (*command.mode) {
        case Mode::Predict:
            return predict(command.settings);
        case Mode::Val:
            return validate(command.settings);
        case Mode::Export:
            return export_model(command.settings);
        case Mode::Benchmark:
            return run_benchmark(command.settings);
        case Mode::Info:
            return show_model(command.settings);
    }
}

void execute(const Command& command) {
    switch (command.kind) {
        case Kind::Run:
            return run_mode(command);
        case Kind::Help:
            return print(help_text(command.mode));
        case Kind::Version:
            return print(fmt::format("{}\n", version()));
        case Kind::Checks:
            return print(checks_page());
        case Kind::Cfg:
            return print(config_text());
        case Kind::CopyCfg:
            return copy_config();
        case Kind::Completion:
            return print(bash_completion());
    }
}

int execute_guarded(const Command& command) {
    try {
        int status = kDone;
        if (is_audit(command)) {
            status = audit_file(command.settings);
        } else {
            execute(command);
        }
        clear_progress();
        if (flush_output()) return status;
        print_error("standard output could not be written");
    } catch (const std::exception& e) {
        clear_progress();
        // An Error is printable already; escaping it again changes nothing.
        print_error(safe(e.what()));
        const auto* error = dynamic_cast<const Error*>(&e);
        if (error != nullptr && error->code() == ErrorCode::InvalidArgument) return kUsage;
    }
    return kFailed;
}

}  // namespace

int run(const std::vector<std::string>& words) {
    connect_console();
    Command command;
    try {
        const LogSink notice = [](LogLevel, std::string_view line) { print_warning(line); };
        command = parse_command(words, notice);
    } catch (const UsageError& e) {
        for (const std::string& line : e.lines()) print_error(line);
        return kUsage;
    } catch (const std::exception& e) {
        print_error(safe(e.what()));
        return kUsage;
    }
    return execute_guarded(command);
}

}  // namespace yolovino::cli
