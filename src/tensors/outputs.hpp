#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.hpp"

namespace yolovino::tensors {

/// One output of a network: `shape` values, f32, row-major. The first dimension is the batch.
struct OutputTensor {
    std::string name;
    graph::Shape shape;
    std::span<const float> data;

    std::size_t dimension(std::size_t axis) const { return static_cast<std::size_t>(shape.at(axis)); }
    /// The values of one image of the batch.
    std::span<const float> image(std::size_t index) const {
        const std::size_t values = data.size() / dimension(0);
        return data.subspan(index * values, values);
    }
};

/// What a network gave, in its own order. The session owns the memory: it is valid until its next inference.
struct Outputs {
    std::vector<OutputTensor> tensors;

    const OutputTensor& first() const { return tensors.front(); }
};

/// `[1, 84, 8400]`, of several `[1, 84, 8400] and [1, 32, 160, 160]`.
std::string to_text(const Outputs& outputs);

}  // namespace yolovino::tensors
