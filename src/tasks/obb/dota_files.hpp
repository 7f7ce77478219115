#pragma once

#include <span>
#include <vector>

#include "tasks/task.hpp"

namespace yolovino::tasks {

/// What DOTA's evaluation takes, one file for each class: of the images as they are in `predictions_txt`, and with the
/// tiles `name__…___x___y` of a large image put together in `predictions_merged_txt`.
/// @param images their results in image pixels
std::vector<Task::TextFile> dota_files(std::span<const Task::NamedResults> images, const ClassNames& names);

}  // namespace yolovino::tasks
