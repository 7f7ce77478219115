#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "tasks/task.hpp"

namespace yolovino::tasks {

/// Null if there is no such task.
const Task* find_task(std::string_view name);

/// @throws Error UnsupportedModel that names those that there are
const Task& task_named(std::string_view name);

/// The task of a checkpoint by the class of its last layer. @throws Error UnsupportedModel
const Task& task_of_head(std::string_view head);

/// The task by the name of a model file (`yolov8n-seg.onnx`) or of one of its folders (`segment`); null if neither
/// says.
const Task* task_of_path(const std::filesystem::path& path);

/// The task whose validation wrote a file; the first of the table if none did.
const Task& task_of_shard(std::span<const std::byte> bytes);

/// `'detect'`, of several `'detect' or 'segment'`
std::string task_names();

}  // namespace yolovino::tasks
