#pragma once

#include <cstddef>
#include <span>

#include "yolovino/image.hpp"

#include "tasks/task.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

/// The network's input while images are written into it, side by side.
class InputTensor {
public:
    /// @param tensor `[batch, 3, height, width]`
    InputTensor(std::span<float> tensor, int batch) noexcept
        : tensor_(tensor), elements_(tensor.size() / static_cast<std::size_t>(batch)) {}

    /// Writes the next image into its place as the task wants it. @throws Error ShapeMismatch if the batch is full
    void add(const tasks::Task& task, const Image& image, const vision::LetterboxGeometry& geometry);
    /// Clears the places that got no image: a network with a fixed batch runs them, too, and they must not hold the
    /// numbers of an earlier batch.
    void finish() noexcept;

private:
    std::span<float> tensor_;
    std::size_t elements_;  ///< of one image
    std::size_t used_ = 0;
};

}  // namespace yolovino::engine
