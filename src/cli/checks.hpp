#pragma once

#include <string>

namespace yolovino::cli {

/// The page of `yolo checks`. Loads OpenVINO's device plugins.
std::string checks_page();

}  // namespace yolovino::cli
