#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace yolovino::base {

/// Whether the last part of a path begins with a dot. Such files and folders belong to tools (`.DS_Store`, `._a.jpg`,
/// `.ipynb_checkpoints`), not to what they lie in: nobody means them unless they are named.
bool is_hidden(const std::filesystem::path& path);

enum class Hidden { LeaveOut, Take };

/// Names of the entries of a folder, sorted; those that are hidden are left out, as a shell does.
std::vector<std::string> folder_entries(const std::filesystem::path& folder, std::error_code& error,
                                        Hidden hidden = Hidden::LeaveOut);

/// The folders between the start of a walk and where it is. A walk that follows links asks it before it goes down:
/// a link may lead back up, and links to folders of links multiply.
class FolderChain {
public:
    /// Goes down into a folder, or returns false if the walk is inside it already or it cannot be seen.
    /// @throws Error LimitExceeded behind too many links
    bool enter(const std::filesystem::path& folder);
    /// Goes up again. Only after `enter` returned true.
    void leave() { chain_.pop_back(); }

private:
    struct Place {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        bool behind_link = false;
    };
    std::vector<Place> chain_;
    std::size_t behind_links_ = 0;
};

}  // namespace yolovino::base
