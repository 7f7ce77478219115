#include "base/folder.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>

#include "yolovino/error.hpp"

namespace yolovino::base {

namespace fs = std::filesystem;

namespace {

struct CloseFolder {
    void operator()(DIR* entries) const noexcept { ::closedir(entries); }
};

}  // namespace

bool is_hidden(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') && name != "." && name != "..";
}

std::vector<std::string> folder_entries(const fs::path& folder, std::error_code& error, Hidden hidden) {
    // Not std::filesystem::directory_iterator: that of libstdc++ ends the process where memory runs out.
    std::vector<std::string> names;
    const std::unique_ptr<DIR, CloseFolder> entries(::opendir(folder.c_str()));
    error.assign(entries ? 0 : errno, std::generic_category());
    while (entries) {
        errno = 0;
        const dirent* const entry = ::readdir(entries.get());
        if (entry == nullptr) {
            error.assign(errno, std::generic_category());
            break;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (hidden == Hidden::Take || !name.starts_with('.')) names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

bool FolderChain::enter(const fs::path& folder) {
    constexpr std::size_t kMostBehindLinks = 100'000;  // entered in about a second
    struct stat link = {};
    struct stat target = {};
    if (::lstat(folder.c_str(), &link) != 0 || ::stat(folder.c_str(), &target) != 0) return false;
    const Place place = {target.st_dev, target.st_ino,
                         S_ISLNK(link.st_mode) || (!chain_.empty() && chain_.back().behind_link)};
    const auto same = [&](const Place& each) { return each.device == place.device && each.inode == place.inode; };
    if (std::ranges::any_of(chain_, same)) return false;
    if (place.behind_link && ++behind_links_ > kMostBehindLinks) {
        throw Error(ErrorCode::LimitExceeded, "file",
                    fmt::format("more than {} folders lie behind links", kMostBehindLinks), {.file = folder.string()},
                    "links within linked folders multiply: remove some links");
    }
    chain_.push_back(place);
    return true;
}

}  // namespace yolovino::base
