#pragma once

#include <filesystem>
#include <string>

namespace yolovino::data {

/// Creates and returns a run folder as Ultralytics 8.4 names it: `<project>/<name>`, then `<name>-2`, `<name>-3` … if
/// it exists and `exist_ok` is false. A relative project lies below `runs/<task>/`; an empty one is `runs/<task>`. The
/// path is absolute. Safe with several processes at once. @throws Error IoFailure, InvalidArgument
std::filesystem::path make_run_folder(const std::string& task, const std::string& mode, const std::string& project,
                                      const std::string& name, bool exist_ok);

}  // namespace yolovino::data
