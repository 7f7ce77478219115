// The tables of this program instead of the product's: the linker takes a file of a library only for what is missing.
// The last row of each is what a new task adds.
#include "nets/heads/detect.hpp"
#include "nets/heads/table.hpp"
#include "tasks/detect/detect_task.hpp"
#include "tasks/table.hpp"
#include "unit/tasks/twin/twin.hpp"

namespace yolovino {

std::span<const nets::Head> nets::head_table() {
    static constexpr Head kTable[] = {
        {"Detect", read_detect, build_detect, detect_arguments},
        {"TwinDetect", read_detect, twin::build_head, detect_arguments},
    };
    return kTable;
}

std::span<const tasks::Task* const> tasks::task_table() {
    static const DetectTask detect;
    static const Task* const table[] = {&detect, &twin::task()};
    return table;
}

}  // namespace yolovino
