#include "data/glob.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <set>
#include <span>
#include <utility>

#include "base/folder.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

using Parts = std::span<const std::string>;

constexpr std::size_t kMaxPatternBytes = 4096;  ///< as of a path; also bounds how deep the calls go

/// Collects what matches. Names are collected before going deeper, so one folder at most is open.
class Expansion {
public:
    /// Adds what matches `parts` below `at`. Several `**` reach a folder in many ways, each is followed once.
    void expand(const fs::path& at, Parts parts) {
        std::error_code ignored;
        if (parts.empty()) {
            if (fs::is_regular_file(at, ignored)) files.push_back(at.string());
        } else if (parts.front() == "**") {
            if (seen_.emplace(at.string(), parts.size()).second) expand_recursive(at, parts);
        } else if (!is_pattern(parts.front())) {
            expand(at / parts.front(), parts.subspan(1));
        } else {
            // A leading dot is matched by a dot alone, as in a shell.
            const bool dotted = parts.front().starts_with('.');
            for (const std::string& name :
                 base::folder_entries(at, ignored, dotted ? base::Hidden::Take : base::Hidden::LeaveOut)) {
                if (::fnmatch(parts.front().c_str(), name.c_str(), FNM_NOESCAPE) == 0)
                    expand(at / name, parts.subspan(1));
            }
        }
    }

    std::vector<std::string> files;

private:
    void expand_recursive(const fs::path& at, Parts parts) {
        static const std::string kAny = "*";
        if (!chain_.enter(at)) return;
        expand(at, parts.size() == 1 ? Parts(&kAny, 1) : parts.subspan(1));
        std::error_code ignored;
        for (const std::string& name : base::folder_entries(at, ignored)) {
            const fs::path entry = at / name;
            if (fs::is_directory(entry, ignored)) expand(entry, parts);
        }
        chain_.leave();
    }

    base::FolderChain chain_;
    std::set<std::pair<std::string, std::size_t>> seen_;
};

}  // namespace

bool is_pattern(const std::string& text) {
    return text.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> glob_files(const std::string& pattern) {
    // The system reads a path up to a zero byte: behind one, every folder would be its own part.
    if (pattern.size() > kMaxPatternBytes || pattern.find('\0') != std::string::npos) return {};
    const fs::path full = fs::absolute(pattern).lexically_normal();
    std::vector<std::string> parts;
    for (const fs::path& part : full.relative_path()) {
        if (part != "**" || parts.empty() || parts.back() != "**") parts.push_back(part.string());
    }
    Expansion expansion;
    expansion.expand(full.root_path(), parts);
    std::vector<std::string> files = std::move(expansion.files);
    // Two `**` may reach one file in several ways.
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

}  // namespace yolovino::data
