#include "yolovino/benchmark.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <string_view>

#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/processors.hpp"
#include "engine/benchmark/latency.hpp"
#include "engine/export/export_model.hpp"
#include "engine/model/head_choice.hpp"
#include "engine/model/image_size.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "engine/validate/run.hpp"
#include "options/check.hpp"
#include "runtime/cpu_isa.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

constexpr double kMebi = 1024.0 * 1024.0;
constexpr int kBootstrapSamples = 400;

struct Format {
    std::string_view name;   ///< of the option
    std::string_view title;  ///< in the table, as Ultralytics writes it
    Runtime runtime;
    std::string_view format;     ///< of the export; empty: the checkpoint itself
    std::string_view int8 = {};  ///< the row of the same format in 8 bits
    bool is_int8 = false;
};
constexpr std::array<Format, 6> kFormats = {
    {{"pytorch", "PyTorch", Runtime::LibTorch, ""},
     {"torchscript", "TorchScript", Runtime::LibTorch, "torchscript"},
     {"onnx", "ONNX", Runtime::OnnxRuntime, "onnx", "onnx-int8"},
     {"onnx-int8", "ONNX INT8", Runtime::OnnxRuntime, "onnx", "onnx-int8", true},
     {"openvino", "OpenVINO", Runtime::OpenVino, "openvino", "openvino-int8"},
     {"openvino-int8", "OpenVINO INT8", Runtime::OpenVino, "openvino", "openvino-int8", true}}};

const Format& find_format(std::string_view name) {
    const auto found = std::ranges::find(kFormats, name, &Format::name);
    if (found == kFormats.end()) {
        throw Error(ErrorCode::InvalidArgument, "benchmark",
                    fmt::format("format '{}' is unknown, wanted {}", base::printable(name),
                                fmt::join(benchmark_formats(), ", ")));
    }
    return *found;
}

/// Lets the peak memory count from now on; where the kernel refuses, it includes the export.
void restart_peak() {
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << 5;
}

double peak_mb() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
    }
    return 0;
}

/// The checkpoint itself or its export in a folder. @throws Error as Model::export_to
fs::path export_row(const fs::path& checkpoint, const Format& format, const BenchmarkArgs& args,
                    const fs::path& folder) {
    if (format.format.empty()) return checkpoint;
    ExportArgs export_args;
    export_args.format = format.format;
    export_args.imgsz = args.imgsz;
    export_args.int8 = format.is_int8 || args.int8;
    export_args.half = args.half && !export_args.int8;
    export_args.nms = args.nms;
    if (export_args.int8) {
        export_args.data = args.data.string();
        export_args.split = args.split;
    }
    export_args.verbose = false;
    export_args.output_folder = folder;
    return engine::export_model(*engine::open_model(checkpoint), export_args);
}

/// One format of one checkpoint, step by step.
class RowRun {
public:
    RowRun(const Format& format, const BenchmarkArgs& args, BenchmarkRow& row) : row_(row) {
        val_.data = args.data;
        val_.split = args.split;
        val_.imgsz = args.imgsz;
        val_.batch = 1;
        val_.nms = args.nms;
        // Without this the checkpoint would be measured on other shapes than its exports.
        val_.rect = false;
        if (format.runtime == Runtime::OpenVino) val_.runtime = args.runtime;
        val_.runtime.kind = format.runtime;
        val_.runtime.half = false;
        val_.runtime.performance = Performance::Auto;
        val_.runtime.cache_dir.clear();  // the time to load is measured
        val_.save = false;
        val_.plots = false;
        val_.verbose = false;
    }

    /// Predicts the first image of the dataset once, and times the network on it.
    void time(const fs::path& file) {
        const base::Stopwatch reading;
        model_ = engine::with_head(engine::open_model(file), engine::head_request(val_));
        row_.task = model_->task->traits().name;
        row_.metric = model_->task->traits().metric;
        model_->network(val_.runtime.kind);
        const double reading_ms = reading.elapsed_ms();
        plan_ = engine::plan_val(*model_, val_);
        const runtime::InputShape shape = {1, plan_.imgsz};
        const runtime::RuntimeArgs args = engine::runtime_args(*model_, val_.runtime);
        const base::Stopwatch compiling;
        const auto network = model_->compiled(args, shape);
        const auto session = network->new_session();
        row_.load_ms = reading_ms + compiling.elapsed_ms();
        // The others say their own names.
        row_.runtime = (args.runtime == Runtime::OpenVino ? "OpenVINO on " : "") + network->describe();
        const Image image = vision::load_image(plan_.scan.samples.at(plan_.batches.at(0).samples.at(0)).path);
        model_->task->write_input(image, vision::LetterboxGeometry::fit(image.size(), shape.size),
                                  session->input(shape));
        const engine::Latency latency = engine::measure_latency(*session, engine::LatencyPlan());
        row_.inference_ms = latency.mean_ms;
        row_.median_ms = latency.median_ms;
        row_.p95_ms = latency.p95_ms;
    }

    void validate() {
        const engine::ValOutcome outcome = engine::run_val(*model_, plan_, val_);
        const std::size_t images = outcome.metric->images();
        if (images == 0) throw Error(ErrorCode::CorruptFile, "benchmark", "no image of the dataset could be read");
        const auto count = static_cast<double>(images);
        row_.images = images;
        row_.preprocess_ms = outcome.total_ms.preprocess / count;
        row_.postprocess_ms = outcome.total_ms.postprocess / count;
        row_.peak_mb = peak_mb();
        const tasks::Metric::Ranking ranking =
            outcome.metric->ranking(metrics::Protocol::Ultralytics, kBootstrapSamples);
        row_.map = ranking.value;
        row_.map_low = ranking.low;
        row_.map_high = ranking.high;
    }

private:
    BenchmarkRow& row_;
    ValArgs val_;
    std::shared_ptr<const engine::LoadedModel> model_;
    engine::ValPlan plan_;
};

std::vector<std::string> formats_of(const BenchmarkArgs& args) {
    std::vector<std::string> names;
    const auto add = [&](const Format& format) {
        const std::string name(args.int8 && !format.int8.empty() ? format.int8 : format.name);
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    if (args.formats.empty()) {
        for (const Format& format : kFormats) add(format);
        return names;
    }
    std::string_view rest = args.formats;
    constexpr std::string_view kAround = " []'\"";
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string_view word = rest.substr(0, comma);
        word.remove_prefix(std::min(word.find_first_not_of(kAround), word.size()));
        word = word.substr(0, word.find_last_not_of(kAround) + 1);
        add(find_format(word));
        if (comma == rest.size()) return names;
        rest.remove_prefix(comma + 1);
    }
}

BenchmarkRow measure_row(const fs::path& checkpoint, const std::string& name, const BenchmarkArgs& args) {
    const Format& format = find_format(name);
    options::check(args);
    if (args.imgsz && args.imgsz->height != args.imgsz->width) {
        throw Error(ErrorCode::InvalidArgument, "benchmark",
                    fmt::format("imgsz is [{}, {}], wanted a square", args.imgsz->height, args.imgsz->width));
    }
    BenchmarkRow row(checkpoint, name);
    const base::PendingPath folder(fs::temp_directory_path() / ("yolovino-benchmark-" + row.model),
                                   base::PendingPath::Kind::Folder);
    try {
        const fs::path file = export_row(checkpoint, format, args, folder.path());
        row.size_mb = static_cast<double>(base::size_on_disk(file)) / kMebi;
        row.status = BenchmarkStatus::NotRun;
        restart_peak();
        RowRun run(format, args, row);
        run.time(file);
        run.validate();
        row.status = BenchmarkStatus::Success;
    } catch (const Error& error) {
        row.reason = error.what();
    }
    return row;
}

BenchmarkReport describe_benchmark(const BenchmarkArgs& args) {
    BenchmarkReport report;
    report.data = args.data.string();
    std::string machine = "Machine: ";
    for (const DeviceInfo& device : available_devices())
        machine += fmt::format("{} {}, ", device.name, device.full_name);
    report.method.push_back(fmt::format("{}{} threads.", machine, base::processor_count()));
    std::string versions = fmt::format("Versions: yolovino {}", version());
    for (const RuntimeInfo& each : available_runtimes())
        versions += fmt::format(", {} {}", each.name, each.missing.empty() ? each.version : "missing");
    report.method.push_back(versions + ".");
    report.method.push_back(fmt::format("Inference time: {}.", engine::method_text(engine::LatencyPlan())));
    report.method.push_back(
        fmt::format("OpenVINO runs with the LATENCY hint, precision={}, the other runtimes in f32 with one thread per "
                    "core; PyTorch is "
                    "the folded checkpoint, operator by operator, in LibTorch.",
                    args.runtime.precision == Precision::Auto ? "auto (what the device chooses)" : "as asked"));
    report.method.push_back(
        fmt::format("Accuracy: batch 1, square letterbox in every format, conf 0.001, iou 0.7; 95 % interval by {} "
                    "bootstrap samples "
                    "over the images.",
                    kBootstrapSamples));
    report.method.push_back("INT8 rows are calibrated on the images of the same dataset.");
    if (args.runtime.precision != Precision::F32 && runtime::computes_bf16_with_amx()) {
        report.method.push_back(
            "This CPU computes bf16 with AMX: OpenVINO's INT8 saves memory, not time, against its float row.");
    }
    report.method.push_back(
        "Load is from the file to a network that is ready; peak memory is of the row's process after the export.");
    return report;
}

}  // namespace

BenchmarkRow::BenchmarkRow(const fs::path& checkpoint, const std::string& format_name) : BenchmarkRow() {
    base::api_call("benchmark", [&] {
        model = checkpoint.stem().string();
        format = find_format(format_name).title;
    });
}

const std::vector<std::string>& benchmark_formats() {
    return base::api_call("benchmark", []() -> const std::vector<std::string>& {
        static const std::vector<std::string> kNames = [] {
            std::vector<std::string> names;
            names.reserve(kFormats.size());
            for (const Format& format : kFormats) names.emplace_back(format.name);
            return names;
        }();
        return kNames;
    });
}

std::vector<std::string> benchmark_formats(const BenchmarkArgs& args) {
    return base::api_call("benchmark", [&] { return formats_of(args); });
}

BenchmarkRow benchmark(const fs::path& checkpoint, const std::string& format, const BenchmarkArgs& args) {
    return base::api_call("benchmark", [&] { return measure_row(checkpoint, format, args); });
}

BenchmarkReport start_benchmark(const BenchmarkArgs& args) {
    return base::api_call("benchmark", [&] { return describe_benchmark(args); });
}

}  // namespace yolovino
