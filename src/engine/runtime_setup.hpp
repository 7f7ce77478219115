#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "yolovino/args.hpp"

#include "engine/model_state.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

/// What the options of a mode say about the runtime.
struct RuntimeWish {
    template <typename Args>
    explicit RuntimeWish(const Args& args)
        : runtime(args.runtime),
          device(args.device),
          precision(args.precision),
          half(args.half),
          cache_dir(args.cache_dir),
          performance(args.performance),
          threads(args.threads),
          streams(args.streams),
          watchdog(args.watchdog),
          ov_config(args.ov_config) {}

    Runtime runtime;
    std::string device;
    Precision precision;
    bool half;
    std::filesystem::path cache_dir;
    Performance performance;
    int threads;
    int streams;
    double watchdog;
    OvConfig ov_config;
};

/// The wish as the runtime that was chosen can grant it; logs what it cannot.
/// @throws Error InvalidArgument if the runtime does not run such a file
runtime::RuntimeArgs runtime_args(const Model::State& model, const RuntimeWish& wish);

/// Ultralytics' lines about the model and what runs it.
void log_load(const Model::State& model, const runtime::RuntimeArgs& args, runtime::CompiledNetwork& network,
              std::size_t batch);

}  // namespace yolovino::engine
