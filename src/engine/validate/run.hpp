#pragma once

#include <memory>
#include <string>
#include <vector>

#include "yolovino/val.hpp"

#include "engine/model/loaded_model.hpp"
#include "engine/validate/outcome.hpp"
#include "engine/validate/plan.hpp"

namespace yolovino::engine {

/// Runs the batches of a plan. Each worker, a thread, reads and prepares a batch in its own input tensor, waits for the
/// network, and works its output up while the next worker has the network, or in throughput mode while others have it
/// side by side: memory stays bounded by the workers.
ValOutcome run_val(const LoadedModel& model, const ValPlan& plan, const ValArgs& args);

ValResults validate(const LoadedModel& model, const ValArgs& args);

}  // namespace yolovino::engine
