#pragma once

#include "yolovino/results.hpp"

namespace yolovino::tasks {

/// One row of predictions.json: left, top, width, height in image pixels to three decimals, the score to five.
struct CocoRow {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    double score = 0;
};
CocoRow coco_row(const Box& box);

/// Rounded to decimals as Python's round() does it, on the exact value.
double rounded_exactly(float value, int decimals);

}  // namespace yolovino::tasks
