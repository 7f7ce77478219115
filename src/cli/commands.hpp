#pragma once

#include <string>
#include <vector>

namespace yolovino::cli {

/// A prediction that a signal ended early gives 128 and its number, as a broken pipe does: what shells expect.
enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2, kBrokenPipe = 141 };

/// Does what the words after `yolo` ask for and returns the exit status.
int run(const std::vector<std::string>& words);

}  // namespace yolovino::cli
