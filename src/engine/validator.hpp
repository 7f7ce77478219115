#pragma once

#include <memory>
#include <string>
#include <vector>

#include "yolovino/val.hpp"

#include "engine/model_state.hpp"
#include "engine/val_plan.hpp"
#include "metrics/accumulator.hpp"

namespace yolovino::engine {

/// Boxes of one picture as they are written to files.
struct ValPicture {
    std::size_t sample = 0;  ///< index into DatasetScan::samples
    ImageSize size;
    std::vector<Box> boxes;  ///< image pixels
};

/// One picture as the network saw it, for the mosaics.
struct ValTile {
    std::size_t sample = 0;
    Image image;
    std::vector<Box> truths;  ///< pixels of `image`, as the next
    std::vector<Box> predictions;
};

/// What the run leaves for the report.
struct ValOutcome {
    metrics::Accumulator accumulator;
    std::vector<ValPicture> pictures;         ///< in the order of the run, if files need them
    std::vector<std::vector<ValTile>> tiles;  ///< of the first batches, if plots need them
    Speed total_ms;                           ///< over all pictures
    std::size_t unreadable = 0;               ///< pictures that could not be decoded
};

/// Runs the batches of a plan. Each lane, a thread, reads and prepares a batch in its own input tensor, waits for the
/// network, and works its output up while the next lane has the network, or in throughput mode while others have it
/// side by side: memory stays bounded by the lanes.
ValOutcome run_val(const Model::State& model, const ValPlan& plan, const ValArgs& args);

ValResults validate(const Model::State& model, const ValArgs& args);

}  // namespace yolovino::engine
