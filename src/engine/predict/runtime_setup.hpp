#pragma once

#include <cstddef>

#include "yolovino/runtime_options.hpp"

#include "engine/model/loaded_model.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

/// The options as the runtime that was chosen can fulfil them; logs what it cannot. Ranges have been checked by
/// `options::check`.
/// @throws Error InvalidArgument if options contradict each other or the runtime does not run such a file
runtime::RuntimeArgs runtime_args(const LoadedModel& model, const RuntimeOptions& options);

/// Ultralytics' lines about the model and what runs it.
void log_load(const LoadedModel& model, const runtime::RuntimeArgs& args, runtime::CompiledNetwork& network,
              std::size_t batch);

}  // namespace yolovino::engine
