#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::tensors {

/// An input or output as a file or a runtime declares it.
struct TensorSignature {
    std::string type;     ///< `f32`, `f16`, or what the runtime calls it
    bool ranked = false;  ///< whether the number of dimensions is known
    graph::Shape dims;    ///< kDynamic where dynamic
};

/// What a network takes and gives. Without outputs where a file does not declare them.
struct Signature {
    std::vector<TensorSignature> inputs;
    std::vector<TensorSignature> outputs;
};

/// Refuses a network by its signature. @throws Error ShapeMismatch with the area and the file
using SignatureCheck = std::function<void(const Signature& signature, std::string_view area, const std::string& file)>;

/// `f32 [1, 3, 640, 640]`
std::string to_text(const TensorSignature& tensor);

bool is_float(const TensorSignature& tensor);

/// Whether this is `[N, 3, H, W]`, f32 or f16, as every runtime here feeds it.
bool is_image_batch(const TensorSignature& tensor);

/// Whether the input is [N, H, W, 3]. No runtime here takes that; an import transposes it.
bool is_channels_last(const Signature& signature);

/// Whether the first of two outputs has the four dimensions that the second should have. An import puts them in order.
bool is_maps_first(const Signature& signature);

/// What every runtime needs, whatever the task: one input of images, and outputs of floats. @throws Error ShapeMismatch
void expect_image_network(const Signature& signature, std::string_view area, const std::string& file);

}  // namespace yolovino::tensors
