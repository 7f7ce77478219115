#include "engine/predict/runtime_setup.hpp"

#include <fmt/format.h>

#include "yolovino/spellings.hpp"

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/model/image_size.hpp"
#include "engine/model/runtimes.hpp"
#include "runtime/model_cache.hpp"
#include "runtime/openvino/session/network.hpp"

namespace yolovino::engine {

namespace {

/// As OpenVINO calls it.
std::string_view mode_of(Performance performance) {
    return performance == Performance::Throughput ? "THROUGHPUT" : "LATENCY";
}

void expect_one_precision(const RuntimeOptions& options) {
    if (!options.half || options.precision != Precision::F32) return;
    throw Error(ErrorCode::InvalidArgument, "runtime",
                "half=True (or quantize=16) asks for 16-bit inference and precision=f32 for 32 bits; give one of them");
}

/// Properties that have an argument of their own, and what was given there; empty: nothing.
void expect_no_conflict(const RuntimeOptions& options) {
    const auto number = [](int value) { return value > 0 ? std::to_string(value) : std::string(); };
    const Precision precision =
        options.half && options.precision == Precision::Auto ? Precision::F16 : options.precision;
    const struct {
        const char* property;
        const char* argument;
        std::string given;
    } rows[] = {
        {"NUM_STREAMS", "streams", number(options.streams)},
        {"INFERENCE_NUM_THREADS", "threads", number(options.threads)},
        {"ENABLE_CPU_PINNING", "pinning",
         options.pinning ? std::string(*options.pinning ? "YES" : "NO") : std::string()},
        {"PERFORMANCE_HINT", "performance",
         options.performance == Performance::Auto ? "" : std::string(mode_of(options.performance))},
        {"INFERENCE_PRECISION_HINT", options.precision == Precision::Auto ? "half" : "precision",
         precision == Precision::Auto ? "" : std::string(name_of(precision))},
    };
    for (const auto& [key, value] : options.ov_config) {
        const std::size_t colon = key.find(':');
        const std::string property = colon == std::string::npos ? key : key.substr(colon + 1);
        if (property == "CACHE_DIR") {
            throw Error(ErrorCode::InvalidArgument, "runtime", "ov.config does not accept CACHE_DIR", {},
                        fmt::format("give cache_dir={}", base::printable(value)));
        }
        // Of several devices, one may be set apart.
        if (colon != std::string::npos && options.device.find(':') != std::string::npos) continue;
        for (const auto& row : rows) {
            if (property != row.property || row.given.empty() || value == row.given) continue;
            throw Error(ErrorCode::InvalidArgument, "runtime",
                        fmt::format("{} asks for {}, and ov.config for {}={}", row.argument, row.given,
                                    base::printable(key), base::printable(value)),
                        {}, "give one of them");
        }
    }
}

/// What the server was started with holds.
runtime::RuntimeArgs remote_args(const RuntimeOptions& options) {
    RuntimeOptions plain;
    plain.kind = options.kind;
    if (options != plain)
        base::warn("options of the runtime (device, precision, threads, …) are ignored: the server has its own");
    runtime::RuntimeArgs out;
    out.runtime = Runtime::Remote;
    return out;
}

}  // namespace

runtime::RuntimeArgs runtime_args(const LoadedModel& model, const RuntimeOptions& options) {
    expect_one_precision(options);
    expect_no_conflict(options);
    model.warn_if_unnamed();
    const Runtime chosen = model.runtime(options.kind).runtime;
    runtime::RuntimeArgs out{
        .device = options.device,
        .precision = options.precision,
        .cache_dir = {},
        .runtime = chosen,
        .performance = options.performance == Performance::Throughput ? Performance::Throughput : Performance::Latency,
        .threads = options.threads,
        .streams = options.streams,
        .pinning = options.pinning,
        .watchdog_s = options.watchdog.value_or(kDefaultWatchdogS),
        .ov_config = options.ov_config};
    if (chosen == Runtime::Remote) return remote_args(options);
    const bool half = options.half && options.precision == Precision::Auto;
    if (chosen == Runtime::OpenVino) {
        if (half) out.precision = Precision::F16;
        out.cache_dir = runtime::cache_folder(options.cache_dir);
        runtime::check_openvino(out);
        return out;
    }
    // As Ultralytics: these runtimes compute in f32 on a CPU, whatever the weights were stored as.
    if (half) base::warn("half=True is ignored: {} computes in f32 on the CPU", title_of(chosen));
    if (options.performance == Performance::Throughput)
        base::warn("performance=throughput is ignored: {} runs one inference at a time", title_of(chosen));
    if (options.threads > 0 || options.streams > 0 || options.pinning)
        base::warn("threads, streams, and pinning are ignored: they are OpenVINO's, {} runs the network",
                   title_of(chosen));
    // 0 says what they do anyway.
    if (options.watchdog.value_or(0) > 0)
        base::warn("watchdog is ignored: {} waits for an inference however long it takes", title_of(chosen));
    out.performance = Performance::Latency;
    if (runtime::asks_for_cache(options.cache_dir))
        base::warn("cache_dir is ignored: {} keeps no compiled models", title_of(chosen));
    if (!options.ov_config.empty()) {
        throw Error(ErrorCode::InvalidArgument, "runtime",
                    fmt::format("ov.config is for OpenVINO, and this model runs with {}", title_of(chosen)), {},
                    "leave ov.config out, or give runtime=openvino");
    }
    return out;
}

void log_load(const LoadedModel& model, const runtime::RuntimeArgs& args, runtime::CompiledNetwork& network,
              std::size_t batch) {
    const auto [runtime, performance] = std::pair(args.runtime, args.performance);
    const std::string_view title = title_of(runtime);
    if (model.checkpoint) {
        base::info("{} summary (fused): {} layers, {} parameters, 0 gradients, {:.1f} GFLOPs", model.info.name,
                   model.info.fused_layers, with_thousands(model.info.fused_parameters), model.info.fused_gflops);
    } else {
        const std::string remark = model.runtime(Runtime::Auto).remark;
        base::info("Loading {} for {} inference...", base::printable(model.given.string()),
                   model.format == ModelFormat::TorchScript ? "TorchScript" : title);
        if (runtime == Runtime::OpenVino && !remark.empty()) base::info("OpenVINO reads the file: {}", remark);
    }
    if (runtime == Runtime::OpenVino) {
        // ov.config may say otherwise than the arguments, so the network's own value counts.
        const std::string mode = network.mode();
        base::info("Using OpenVINO {} mode for batch={} inference on {}...",
                   mode.empty() ? mode_of(performance) : std::string_view(mode), batch, network.describe());
    } else {
        base::info("Using {}", network.describe());
    }
    base::info("");
}

}  // namespace yolovino::engine
