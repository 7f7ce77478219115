#pragma once

#include "yolovino/c/yolovino.h"
#include "yolovino/predictions.hpp"

struct yv_predictions {
    yolovino::Predictions predictions;
    yolovino::Predictions::Iterator next = {};
    bool begun = false;
    bool ended = false;
};
