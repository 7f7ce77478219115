#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "yolovino/results.hpp"

#include "tasks/metric.hpp"

namespace yolovino::engine {

/// What was found in one image, as it is written to files.
struct ImageResults {
    std::size_t sample = 0;  ///< index into DatasetScan::samples
    Results results;         ///< the task's fields and the size of the image
};

/// One image as the network saw it, for the mosaics.
struct ValTile {
    std::size_t sample = 0;
    Image image;
    tasks::Drawing truths;  ///< in pixels of `image`, as the next
    tasks::Drawing predictions;
};

/// What the run leaves for the report.
struct ValOutcome {
    std::unique_ptr<tasks::Metric> metric;
    std::vector<ImageResults> image_results;  ///< in the order of the run, if files need them
    std::vector<std::vector<ValTile>> tiles;  ///< of the first batches, if plots need them
    Speed total_ms;                           ///< over all images
    std::size_t unreadable = 0;               ///< images that could not be decoded
};

}  // namespace yolovino::engine
