#pragma once

#include <string>
#include <vector>

namespace yolovino::cli {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2 };

/// Does what the words after `yolo` ask for and returns the exit status.
int run(const std::vector<std::string>& words);

}  // namespace yolovino::cli
