#include "tasks/table.hpp"

namespace yolovino::tasks {

// Each in the folder of its task; nothing but the table names them.
const Task& detect_task();
const Task& segment_task();
const Task& classify_task();
const Task& pose_task();
const Task& obb_task();

std::span<const Task* const> task_table() {
    static const Task* const table[] = {&detect_task(), &segment_task(), &classify_task(), &pose_task(), &obb_task()};
    return table;
}

}  // namespace yolovino::tasks
