#pragma once

#include <string>
#include <vector>

#include "yolovino/model.hpp"
#include "yolovino/val_args.hpp"

#include "data/dataset.hpp"
#include "engine/model/loaded_model.hpp"

namespace yolovino::engine {

/// Images that go through the network together.
struct ValBatch {
    std::size_t number = 0;            ///< among the batches of the whole run
    ImageSize canvas;                  ///< of the network's input
    std::vector<std::size_t> samples;  ///< indices into DatasetScan::samples
};

/// What is validated, in which shapes.
struct ValPlan {
    data::DatasetSplit split;
    data::DatasetScan scan;
    ClassNames names;  ///< of the numbers: the model's, the dataset's if it has none, or one for all
    ImageSize imgsz;
    int network_batch = 1;
    bool dynamic = false;
    std::vector<ValBatch> batches;  ///< of this shard
    std::size_t shard = 1;
    std::size_t shards = 1;

    bool is_whole() const { return shards == 1; }
};

/// Reads the dataset, fits it to the model, and says what was found.
/// @throws Error as Model::val
ValPlan plan_val(const LoadedModel& model, const ValArgs& args);

}  // namespace yolovino::engine
