#include "data/run_folder.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxRuns = 9999;

[[noreturn]] void fail(const fs::path& folder, const std::error_code& error) {
    throw Error(ErrorCode::IoFailure, "run folder", "cannot create: " + error.message(), {.file = folder.string()},
                "check the permissions, or give another project=");
}

/// True if this call made the folder, false if the name is taken. The system decides, so two processes never share one.
bool make(const fs::path& folder) {
    std::error_code error;
    if (fs::create_directory(folder, error)) return true;
    std::error_code ignored;
    if (error && !fs::exists(fs::symlink_status(folder, ignored))) fail(folder, error);
    return false;
}

}  // namespace

fs::path make_run_folder(const std::string& task, const std::string& mode, const std::string& project,
                         const std::string& name, bool exist_ok) {
    std::error_code error;
    const fs::path root =
        fs::path(project).is_absolute() ? fs::path(project) : fs::absolute(fs::path("runs") / task / project, error);
    if (error) fail(fs::path("runs") / task / project, error);
    fs::path base = (root / (name.empty() ? mode : name)).lexically_normal();
    if (!base.has_filename()) base = base.parent_path();  // of a slash at the end, which no number may follow
    fs::create_directories(base.parent_path(), error);
    if (error) fail(base.parent_path(), error);
    if (make(base)) return base;
    if (exist_ok) {
        if (fs::is_directory(base, error)) return base;
        fail(base, std::make_error_code(std::errc::not_a_directory));
    }
    for (int i = 2; i <= kMaxRuns; ++i) {
        fs::path numbered = base.string() + fmt::format("-{}", i);
        if (make(numbered)) return numbered;
    }
    throw Error(ErrorCode::IoFailure, "run folder", fmt::format("{} runs exist already", kMaxRuns),
                {.file = base.string()}, "remove old runs, or give another name=");
}

}  // namespace yolovino::data
