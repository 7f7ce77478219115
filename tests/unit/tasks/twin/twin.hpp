#pragma once

#include "nets/heads/head.hpp"
#include "tasks/task.hpp"

/// A second task, to prove that a task is a folder and a row: detection with one more row and one more output.
namespace yolovino::twin {

/// `output0` [N, 4 + classes + 1, anchors]: as of detection, then half of cx. `output1` [N, C, H / 8, W / 8]: the
/// sigmoid of the first feature map.
std::vector<nets::HeadOutput> build_head(nets::Builder& builder, const checkpoint::Module& module,
                                         const std::string& path, const std::vector<graph::Value>& inputs);

/// The task. Its decode() refuses outputs that are not what its head promises.
const tasks::Task& task();

}  // namespace yolovino::twin
