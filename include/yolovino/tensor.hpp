#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yolovino {

/// A tensor of 32-bit floats, row-major; the first dimension is the batch.
struct Tensor {
    std::string name;                 ///< of an output: `output0`
    std::vector<std::int64_t> shape;  ///< `[1, 84, 8400]`
    std::vector<float> data;          ///< as many values as the product of `shape`
};

}  // namespace yolovino
