#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::runtime {

/// An input or output as a file or a runtime declares it.
struct TensorSignature {
    std::string type;     ///< `f32`, `f16`, or what the runtime calls it
    bool ranked = false;  ///< whether the number of sides is known
    graph::Shape sides;   ///< kDynamic where open
};

struct Signature {
    std::vector<TensorSignature> inputs;
    std::vector<TensorSignature> outputs;
};

/// Whether this can be a detection network: one input [N, 3, H, W], one output [N, 4 + classes, anchors], both f32 or
/// f16. @throws Error ShapeMismatch that says what it is instead
void expect_detection_network(const Signature& signature, std::string_view area, const std::string& file);

/// Whether the input is [N, H, W, 3]. No runtime here takes that; an import turns it.
bool is_channels_last(const Signature& signature);

/// Number of classes by the rows of the output; 0 if open.
int classes_of(const Signature& signature);

}  // namespace yolovino::runtime
