#include "engine/runtime_setup.hpp"

#include <fmt/format.h>

#include "yolovino/spellings.hpp"

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"
#include "runtime/model_cache.hpp"

namespace yolovino::engine {

namespace {

constexpr int kMaxThreads = 1024;
constexpr double kMaxWatchdogS = 86400;

/// As OpenVINO calls it.
std::string_view mode_of(Performance performance) {
    return performance == Performance::Throughput ? "THROUGHPUT" : "LATENCY";
}

void check(const RuntimeWish& wish) {
    const auto expect = [](bool ok, const std::string& message) {
        if (!ok) throw Error(ErrorCode::InvalidArgument, "runtime", message);
    };
    expect(wish.runtime >= Runtime::Auto && wish.runtime <= Runtime::LibTorch, "runtime is none of the known ones");
    expect(wish.precision >= Precision::Auto && wish.precision <= Precision::F16,
           "precision is none of auto, f32, bf16, f16");
    expect(wish.performance >= Performance::Auto && wish.performance <= Performance::Throughput,
           "performance is none of auto, latency, throughput");
    expect(wish.threads >= 0 && wish.threads <= kMaxThreads,
           fmt::format("threads is {}, wanted 0 to {}", wish.threads, kMaxThreads));
    expect(wish.streams >= 0 && wish.streams <= kMaxThreads,
           fmt::format("streams is {}, wanted 0 to {}", wish.streams, kMaxThreads));
    expect(wish.watchdog >= 0 && wish.watchdog <= kMaxWatchdogS,
           fmt::format("watchdog is {:g}, wanted 0 (never) to {:g} seconds", wish.watchdog, kMaxWatchdogS));
    expect(!wish.half || wish.precision != Precision::F32,
           "half=True (or quantize=16) asks for 16-bit inference and precision=f32 for 32 bits; give one of them");
}

/// Properties that have an argument of their own, and what was given there; empty: nothing.
void expect_no_conflict(const RuntimeWish& wish) {
    const auto number = [](int value) { return value > 0 ? std::to_string(value) : std::string(); };
    const Precision precision = wish.half && wish.precision == Precision::Auto ? Precision::F16 : wish.precision;
    const struct {
        const char* property;
        const char* argument;
        std::string given;
    } rows[] = {
        {"NUM_STREAMS", "streams", number(wish.streams)},
        {"INFERENCE_NUM_THREADS", "threads", number(wish.threads)},
        {"PERFORMANCE_HINT", "performance",
         wish.performance == Performance::Auto ? "" : std::string(mode_of(wish.performance))},
        {"INFERENCE_PRECISION_HINT", wish.precision == Precision::Auto ? "half" : "precision",
         precision == Precision::Auto ? "" : std::string(name_of(precision))},
    };
    for (const auto& [key, value] : wish.ov_config) {
        const std::size_t colon = key.find(':');
        const std::string property = colon == std::string::npos ? key : key.substr(colon + 1);
        if (property == "CACHE_DIR") {
            throw Error(ErrorCode::InvalidArgument, "runtime", "ov.config does not take CACHE_DIR", {},
                        fmt::format("give cache_dir={}", base::printable(value)));
        }
        // Of several devices, one may be set apart.
        if (colon != std::string::npos && wish.device.find(':') != std::string::npos) continue;
        for (const auto& row : rows) {
            if (property != row.property || row.given.empty() || value == row.given) continue;
            throw Error(ErrorCode::InvalidArgument, "runtime",
                        fmt::format("{} asks for {}, and ov.config for {}={}", row.argument, row.given,
                                    base::printable(key), base::printable(value)),
                        {}, "give one of them");
        }
    }
}

}  // namespace

runtime::RuntimeArgs runtime_args(const Model::State& model, const RuntimeWish& wish) {
    check(wish);
    expect_no_conflict(wish);
    model.warn_if_unnamed();
    const Runtime chosen = model.runtime(wish.runtime).runtime;
    runtime::RuntimeArgs out{
        .device = wish.device,
        .precision = wish.precision,
        .cache_dir = {},
        .runtime = chosen,
        .performance = wish.performance == Performance::Throughput ? Performance::Throughput : Performance::Latency,
        .threads = wish.threads,
        .streams = wish.streams,
        .watchdog_s = wish.watchdog,
        .ov_config = wish.ov_config};
    const bool half = wish.half && wish.precision == Precision::Auto;
    if (chosen == Runtime::OpenVino) {
        if (half) out.precision = Precision::F16;
        out.cache_dir = runtime::cache_folder(wish.cache_dir);
        runtime::check_openvino(out);
        return out;
    }
    // As Ultralytics: these runtimes compute in f32 on a CPU, whatever the weights were stored as.
    if (half) base::warn("half=True is ignored: {} computes in f32 on the CPU", title_of(chosen));
    if (wish.performance == Performance::Throughput)
        base::warn("performance=throughput is ignored: {} runs one inference at a time", title_of(chosen));
    if (wish.threads > 0 || wish.streams > 0)
        base::warn("threads and streams are ignored: they are OpenVINO's, {} runs the network", title_of(chosen));
    // 0 says what they do anyway.
    if (wish.watchdog > 0 && wish.watchdog != PredictArgs{}.watchdog)
        base::warn("watchdog is ignored: {} waits for an inference however long it takes", title_of(chosen));
    out.performance = Performance::Latency;
    if (runtime::asks_for_cache(wish.cache_dir))
        base::warn("cache_dir is ignored: {} keeps no compiled models", title_of(chosen));
    if (!wish.ov_config.empty()) {
        throw Error(ErrorCode::InvalidArgument, "runtime",
                    fmt::format("ov.config is for OpenVINO, and this model runs with {}", title_of(chosen)), {},
                    "leave ov.config out, or give runtime=openvino");
    }
    return out;
}

void log_load(const Model::State& model, const runtime::RuntimeArgs& args, runtime::CompiledNetwork& network,
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
        // ov.config may say otherwise than the arguments, so the network is asked.
        const std::string mode = network.mode();
        base::info("Using OpenVINO {} mode for batch={} inference on {}...",
                   mode.empty() ? mode_of(performance) : std::string_view(mode), batch, network.describe());
    } else {
        base::info("Using {}", network.describe());
    }
    base::info("");
}

}  // namespace yolovino::engine
