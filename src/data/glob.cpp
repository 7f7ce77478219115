#include "data/glob.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <span>

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

using Parts = std::span<const std::string>;

void expand(const fs::path& at, Parts parts, std::vector<std::string>& files);

void expand_recursive(const fs::path& at, Parts parts, std::vector<std::string>& files) {
    static const std::string kAny = "*";
    expand(at, parts.size() == 1 ? Parts(&kAny, 1) : parts.subspan(1), files);
    std::error_code ignored;
    for (const std::string& name : folder_entries(at, ignored)) {
        const fs::path entry = at / name;
        if (fs::is_directory(fs::symlink_status(entry, ignored))) expand_recursive(entry, parts, files);
    }
}

/// Adds what matches `parts` below `at`. Names are collected before going deeper, so one folder at most is open.
void expand(const fs::path& at, Parts parts, std::vector<std::string>& files) {
    std::error_code ignored;
    if (parts.empty()) {
        if (fs::is_regular_file(at, ignored)) files.push_back(at.string());
    } else if (parts.front() == "**") {
        expand_recursive(at, parts, files);
    } else if (!is_pattern(parts.front())) {
        expand(at / parts.front(), parts.subspan(1), files);
    } else {
        for (const std::string& name : folder_entries(at, ignored)) {
            if (::fnmatch(parts.front().c_str(), name.c_str(), FNM_NOESCAPE) == 0)
                expand(at / name, parts.subspan(1), files);
        }
    }
}

}  // namespace

bool is_pattern(const std::string& text) {
    return text.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> folder_entries(const fs::path& folder, std::error_code& error) {
    std::vector<std::string> names;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::string name = it->path().filename().string();
        if (!name.starts_with('.')) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> glob_files(const std::string& pattern) {
    const fs::path full = fs::absolute(pattern).lexically_normal();
    std::vector<std::string> parts;
    for (const fs::path& part : full.relative_path()) parts.push_back(part.string());
    std::vector<std::string> files;
    expand(full.root_path(), parts, files);
    // Two `**` may reach one file in several ways.
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

}  // namespace yolovino::data
