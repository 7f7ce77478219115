#pragma once

#include <cstddef>

#include "tensors/row_layout.hpp"

namespace yolovino::tensors {

/// What the outputs of a network hold, for those who bring other networks into this form without knowing the task.
struct OutputLayout {
    RowLayout rows;                 ///< of the first output; without box rows it is `[N, classes]`
    std::size_t added_rows = 0;     ///< after the scores; unknown here where there are maps
    std::size_t point_numbers = 0;  ///< of each point in the added rows: x and y in pixels, then others; 0: no points
    bool maps = false;  ///< whether a second output `[N, maps, height, width]` follows, one map for each added row

    bool has_boxes() const { return rows.box_rows > 0; }
    std::size_t outputs() const { return maps ? 2 : 1; }
};

}  // namespace yolovino::tensors
