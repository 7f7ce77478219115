#include "data/run_folder.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxRuns = 9999;

/// True if this call made the folder, false if it was there. The system decides, so two processes never share one.
bool make(const fs::path& folder) {
    std::error_code error;
    const bool made = fs::create_directory(folder, error);
    if (error && !fs::is_directory(folder)) {
        throw Error(ErrorCode::IoFailure, "run folder", "cannot create: " + error.message(), {.file = folder.string()});
    }
    return made;
}

}  // namespace

fs::path make_run_folder(const std::string& task, const std::string& mode, const std::string& project, const std::string& name,
                         bool exist_ok) {
    const fs::path root = fs::path(project).is_absolute() ? fs::path(project) : fs::absolute(fs::path("runs") / task / project);
    const fs::path base = (root / (name.empty() ? mode : name)).lexically_normal();
    std::error_code error;
    fs::create_directories(base.parent_path(), error);
    if (error) {
        throw Error(ErrorCode::IoFailure, "run folder", "cannot create: " + error.message(), {.file = base.parent_path().string()});
    }
    if (make(base) || exist_ok) return base;
    for (int i = 2; i <= kMaxRuns; ++i) {
        const fs::path numbered = base.string() + fmt::format("-{}", i);
        if (make(numbered)) return numbered;
    }
    throw Error(ErrorCode::IoFailure, "run folder", fmt::format("{} runs exist already", kMaxRuns), {.file = base.string()},
                "remove old runs or give name=");
}

}  // namespace yolovino::data
