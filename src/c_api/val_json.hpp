#pragma once

#include <string>

#include "yolovino/val.hpp"

namespace yolovino::c_api {

/// What a validation found, as one JSON object.
std::string val_json(const ValResults& results);

}  // namespace yolovino::c_api
