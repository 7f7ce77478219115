#include "cli/commands.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

#include "yolovino/audit.hpp"
#include "yolovino/error.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "cli/agree.hpp"
#include "cli/audit_page.hpp"
#include "cli/benchmark.hpp"
#include "cli/checks.hpp"
#include "cli/console.hpp"
#include "cli/grammar.hpp"
#include "cli/help.hpp"
#include "cli/model_page.hpp"
#include "cli/quantization_page.hpp"
#include "cli/serve.hpp"
#include "cli/signals.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

using Kind = Command::Kind;

std::atomic<bool> inference_left = false;

/// Lets a model live as long as the process: taking a compiled network apart costs tens of milliseconds and serves
/// nobody when the process ends anyway.
void leak_until_exit(const Model& model) {
    static auto& kept = *new std::deque<Model>;
    kept.push_back(model);
}

/// The number of bits is a property of the file here: asking for eight is right where it has them.
void expect_int8(const Settings& settings, const Model& model) {
    if (!settings.int8 || model.info().int8) return;
    throw Error(ErrorCode::InvalidArgument, "cli", "int8=True (or quantize=8) needs an 8-bit model, this one is not",
                {.file = settings.model}, "make one: yolo export model=X.pt format=openvino int8=True data=D.yaml");
}

/// Predicts or tracks. Returns the exit status.
int predict(const Settings& settings, Mode mode) {
    StopSignals signals;
    const bool tracks = mode == Mode::Track;
    const bool json = (tracks ? settings.track.predict : settings.predict).save_json || settings.source == "-";
    if (json) connect_console(InfoStream::Error);
    const Model model(settings.model, settings.task, settings.kpt_shape);
    expect_int8(settings, model);
    const auto predictions = std::make_shared<Predictions>(tracks ? model.track(settings.source, settings.track)
                                                                  : model.predict(settings.source, settings.predict));
    signals.on_stop([weak = std::weak_ptr(predictions)] {
        if (const auto running = weak.lock()) running->stop();
    });
    // The library writes the lines and the files while it is asked for results.
    for (const Results& results : *predictions) {
        if (json) print(results.to_json() + "\n");
        if (output_failed()) predictions->stop();
    }
    leak_until_exit(model);
    return signals.status();
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
        const Model model(settings.model, settings.task, settings.kpt_shape);
        expect_int8(settings, model);
        static_cast<void>(model.val(settings.val));
    } else {
        static_cast<void>(merge_val(settings.merge, settings.val));
    }
}

void export_model(const Settings& settings) {
    drop_repeated_warnings();
    const std::vector<ExportArgs> jobs = exports_of(settings.export_args);
    const Model model(settings.model, settings.task, settings.kpt_shape);
    for (const ExportArgs& job : jobs) {
        const std::filesystem::path written = model.export_to(job);
        if (!job.verbose) print(written.string() + "\n");
    }
}

void show_model(const Settings& settings) {
    const Model model(settings.model, settings.task, settings.kpt_shape);
    const std::optional<QuantizationInfo> quantization = model.quantization();
    std::vector<LayerPrecision> layers;
    if (!settings.info.device.empty()) layers = model.layer_precisions(settings.info.device);
    if (settings.info.save_json) return print(model_json(model.info(), quantization, layers));
    std::string page = model_page(model.info(), settings.info.verbose);
    if (quantization) page += quantization_page(*quantization, layers);
    if (!layers.empty() && (!quantization || have_devices(layers))) page += layers_page(layers);
    print(page);
}

int audit_file(const Settings& settings) {
    const AuditReport report = audit(settings.model);
    print(settings.info.save_json ? audit_json(report) : audit_page(report));
    // A scanner that does not see everything must not let a file pass.
    const NameVerdict accepted = settings.info.strict ? NameVerdict::Harmless : NameVerdict::Unknown;
    return report.verdict > accepted || !report.followed() ? kFailed : kDone;
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

int run_mode(const Command& command) {
    switch (*command.mode) {
        case Mode::Predict:
        case Mode::Track:
            return predict(command.settings, *command.mode);
        case Mode::Val:
            validate(command.settings);
            break;
        case Mode::Export:
            export_model(command.settings);
            break;
        case Mode::Benchmark:
            run_benchmark(command.settings);
            break;
        case Mode::Info:
            if (command.settings.info.audit) return audit_file(command.settings);
            show_model(command.settings);
            break;
        case Mode::Agree:
            run_agree(command.settings);
            break;
        case Mode::Serve:
            return run_serve(command.settings);
    }
    return kDone;
}

int execute(const Command& command) {
    switch (command.kind) {
        case Kind::Run:
            return run_mode(command);
        case Kind::Help:
            print(help_text(command.mode));
            break;
        case Kind::Version:
            print(fmt::format("{}\n", version()));
            break;
        case Kind::Checks:
            print(checks_page());
            break;
        case Kind::Cfg:
            print(config_text());
            break;
        case Kind::CopyCfg:
            copy_config();
            break;
        case Kind::Completion:
            print(bash_completion());
            break;
    }
    return kDone;
}

int execute_guarded(const Command& command) {
    try {
        const int status = execute(command);
        clear_progress();
        if (flush_output()) return status;
        if (pipe_broke()) return kBrokenPipe;  // whoever reads has read enough
        print_error("standard output could not be written");
    } catch (const std::exception& e) {
        clear_progress();
        // An Error is printable already; escaping it again changes nothing.
        print_error(safe(e.what()));
        const auto* error = dynamic_cast<const Error*>(&e);
        if (error != nullptr && error->code() == ErrorCode::InvalidArgument) return kUsage;
        if (error != nullptr && error->code() == ErrorCode::DeviceUnavailable) inference_left = true;
    }
    return kFailed;
}

}  // namespace

bool may_leave_inference() {
    return inference_left;
}

int run(const std::vector<std::string>& words) {
    connect_console();
    std::signal(SIGXFSZ, SIG_IGN);  // a limit for the size of files is then an error like a full disk
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
