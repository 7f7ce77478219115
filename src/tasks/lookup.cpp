#include "tasks/lookup.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "tasks/table.hpp"

namespace yolovino::tasks {

const Task* find_task(std::string_view name) {
    const auto table = task_table();
    const auto found = std::ranges::find_if(table, [&](const Task* task) { return task->traits().name == name; });
    return found == table.end() ? nullptr : *found;
}

const Task& task_named(std::string_view name) {
    if (const Task* task = find_task(name)) return *task;
    throw Error(ErrorCode::UnsupportedModel, "model",
                fmt::format("the task is '{}', wanted {}", base::printable(name), task_names()));
}

const Task& task_of_head(std::string_view head) {
    for (const Task* task : task_table()) {
        const std::vector<std::string_view>& heads = task->traits().heads;
        if (std::ranges::find(heads, head) != heads.end()) return *task;
    }
    throw Error(ErrorCode::UnsupportedModel, "model", fmt::format("no task has a head {}", base::printable(head)));
}

const Task* task_of_path(const std::filesystem::path& path) {
    const std::string stem = path.has_filename() ? path.stem().string() : path.parent_path().stem().string();
    const auto table = task_table();
    const auto says = [&](const Task* task) {
        const TaskTraits& traits = task->traits();
        return (!traits.file_suffix.empty() && stem.find(traits.file_suffix) != std::string::npos) ||
               std::ranges::find(path, std::filesystem::path(traits.name)) != path.end();
    };
    const auto found = std::ranges::find_if(table, says);
    return found == table.end() ? nullptr : *found;
}

const Task& task_of_shard(std::span<const std::byte> bytes) {
    for (const Task* task : task_table()) {
        if (base::as_text(bytes).starts_with(task->traits().shard_magic)) return *task;
    }
    return *task_table().front();
}

std::string task_names() {
    std::string text;
    for (const Task* task : task_table())
        text += fmt::format("{}'{}'", text.empty() ? "" : " or ", task->traits().name);
    return text;
}

}  // namespace yolovino::tasks
