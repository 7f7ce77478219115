#pragma once

#include <map>
#include <set>
#include <string>

#include "quantize/range.hpp"
#include "quantize/weights.hpp"

namespace yolovino::quantize {

/// What becomes codes.
enum class Reach {
    Inputs,  ///< the inputs of convolutions and residual sums: OpenVINO fuses the rest
    Steps,   ///< every result on the way, too: ONNX Runtime computes in 8 bits only what has codes on both sides
};

/// Where a graph works with 8-bit codes, by the names of its nodes.
struct Codes {
    std::map<std::string, Grid> results;              ///< nodes whose results become codes
    std::set<std::string> readers;                    ///< nodes that take codes where there are any
    std::map<std::string, QuantizedWeights> weights;  ///< of the convolutions among `readers`
};

}  // namespace yolovino::quantize
