#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/c/yolovino.h"
#include "yolovino/results.hpp"

/// What the handles hold that several files of this room know. The others are in the file that makes them.

struct yv_error {
    yv_status code = YV_RUNTIME_FAILURE;
    std::string message = {};
    std::string hint = {};
    std::string file = {};
    std::string module = {};
    std::int64_t offset_bytes = -1;
};

struct yv_result {
    yolovino::Results results = {};
    std::unique_ptr<yv_error> error = {};  ///< why there is nothing; null: nothing failed
    std::string save_dir = {};
    std::vector<float> boxes = {};
    std::vector<float> obb = {};
    std::vector<float> corners = {};
    std::vector<std::int32_t> ids = {};
    /// Outlines that were asked for, by object and whether they are normalised.
    mutable std::map<std::pair<std::size_t, bool>, std::vector<float>> outlines = {};
};
