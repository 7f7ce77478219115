#pragma once

#include <cstddef>
#include <string>

namespace yolovino::tensors {

/// What a row of an output holds.
enum class RowKind {
    Pixels,  ///< a coordinate in pixels of the network's input
    Score,   ///< from 0 to 1
    Other
};

/// What an output `[N, rows, anchors]` begins with, for those who compare or repair it without knowing the task.
struct RowLayout {
    std::string text;          ///< as messages call it: `[N, 4 + classes, anchors]`
    std::size_t box_rows = 0;  ///< rows of a box in model pixels, cx, cy, w, h first; scores from 0 to 1 follow
};

}  // namespace yolovino::tensors
