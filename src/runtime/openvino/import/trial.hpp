#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/types.hpp"

#include "tensors/output_layout.hpp"

namespace yolovino::runtime {

/// Refuses a network that is imported. The hint says which one is wanted unless another is given.
[[noreturn]] void refuse_import(const std::string& file, ErrorCode code, const std::string& message,
                                std::string_view hint = {});

/// What a network gave when it was tried with one image of one grey.
struct Trial {
    struct Output {
        std::vector<std::size_t> shape;  ///< with the whole batch
        std::vector<float> values;       ///< of the first image

        std::string text() const;  ///< `[1, 84, 8400]`
    };
    std::vector<Output> outputs;
    ImageSize size;          ///< of the input
    bool nhwc = false;       ///< whether the file's own input has its channels last
    bool quantized = false;  ///< whether the values are on a grid

    std::string text() const;  ///< all outputs
};

/// How outputs differ from the layout that everything here expects.
struct OutputForm {
    std::size_t rows = 0;
    int classes = 0;
    bool anchors_first = false;    ///< `[N, anchors, rows]`
    bool maps_last = false;        ///< `[N, height, width, maps]`
    bool relative_boxes = false;   ///< boxes are shares of the input
    bool relative_points = false;  ///< points are
};

/// Takes the form of the outputs from their dimensions, and from the values what no dimension says.
/// @throws Error ShapeMismatch if they cannot be what the layout says
OutputForm form_of(const Trial& trial, const tensors::OutputLayout& wanted, const std::string& file);

}  // namespace yolovino::runtime
