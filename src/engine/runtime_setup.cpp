#include "engine/runtime_setup.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"
#include "runtime/model_cache.hpp"

namespace yolovino::engine {

namespace {

void check(const RuntimeWish& wish) {
    const auto expect = [](bool ok, const char* message) {
        if (!ok) throw Error(ErrorCode::InvalidArgument, "runtime", message);
    };
    expect(wish.runtime >= Runtime::Auto && wish.runtime <= Runtime::LibTorch, "runtime is none of the known ones");
    expect(wish.precision >= Precision::Auto && wish.precision <= Precision::F16,
           "precision is none of auto, f32, bf16, f16");
    expect(!wish.half || wish.precision != Precision::F32,
           "half=True (or quantize=16) asks for 16-bit inference and precision=f32 for 32 bits; give one of them");
}

}  // namespace

runtime::RuntimeArgs runtime_args(const Model::State& model, const RuntimeWish& wish) {
    check(wish);
    const Runtime chosen = model.runtime(wish.runtime).runtime;
    runtime::RuntimeArgs out{wish.device, wish.precision, {}, chosen, wish.ov_config};
    const bool half = wish.half && wish.precision == Precision::Auto;
    if (chosen == Runtime::OpenVino) {
        if (half) out.precision = Precision::F16;
        out.cache_dir = runtime::cache_folder(wish.cache_dir);
        runtime::check_openvino(out);
        return out;
    }
    // As Ultralytics: these runtimes compute in f32 on a CPU, whatever the weights were stored as.
    if (half) base::warn("half=True is ignored: {} computes in f32 on the CPU", title_of(chosen));
    if (runtime::asks_for_cache(wish.cache_dir))
        base::warn("cache_dir is ignored: {} keeps no compiled models", title_of(chosen));
    if (!wish.ov_config.empty()) {
        throw Error(ErrorCode::InvalidArgument, "runtime",
                    fmt::format("ov.config is for OpenVINO, and this model runs with {}", title_of(chosen)), {},
                    "leave ov.config out, or give runtime=openvino");
    }
    return out;
}

void log_load(const Model::State& model, Runtime runtime, runtime::CompiledNetwork& network, std::size_t batch) {
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
        base::info("Using OpenVINO LATENCY mode for batch={} inference on {}...", batch, network.describe());
    } else {
        base::info("Using {}", network.describe());
    }
    base::info("");
}

}  // namespace yolovino::engine
