#pragma once

#include <memory>
#include <string>

#include "yolovino/c/yolovino.h"
#include "yolovino/results.hpp"

#include "c_api/handles.hpp"

namespace yolovino::c_api {

/// A handle of its own, with the numbers laid out as arrays.
std::unique_ptr<yv_result> result_of(Results results);

/// The result of an image that failed.
std::unique_ptr<yv_result> failed_result(std::unique_ptr<yv_error> error, std::string path);

/// @throws Error InvalidArgument without a result, or where its image failed
const Results& results_in(const yv_result* result);

}  // namespace yolovino::c_api
