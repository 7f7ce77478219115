#pragma once

#include <string>
#include <vector>

namespace yolovino::cli {

/// A prediction that a signal ended early gives 128 and its number, as a broken pipe does: what shells expect.
enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2, kBrokenPipe = 141 };

/// Does what the words after `yolo` ask for and returns the exit status.
int run(const std::vector<std::string>& words);

/// Whether a device was given up that may still compute. What it uses is destroyed when a process ends by `exit`: leave
/// by `_Exit` then.
bool may_leave_inference();

}  // namespace yolovino::cli
