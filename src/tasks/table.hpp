#pragma once

#include <span>

#include "tasks/task.hpp"

namespace yolovino::tasks {

/// Every task, one row each. A file of its own, so that a program may bring another table.
std::span<const Task* const> task_table();

}  // namespace yolovino::tasks
