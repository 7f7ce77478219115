#include "serve/reload/file_signature.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <vector>

namespace yolovino::serve {

namespace {

namespace fs = std::filesystem;

bool look(const fs::path& path, struct stat& status) {
    return ::stat(path.c_str(), &status) == 0;
}

std::string shown(const struct stat& status) {
    return fmt::format("{}:{}:{}:{}.{}:{}.{}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

}  // namespace

std::string file_signature(const fs::path& path) {
    struct stat status = {};
    if (!look(path, status)) return {};
    if (!S_ISDIR(status.st_mode)) return shown(status);
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        struct stat each = {};
        if (look(entry->path(), each) && S_ISREG(each.st_mode))
            files.push_back(entry->path().filename().string() + "=" + shown(each));
    }
    if (error) return {};
    std::ranges::sort(files);
    return fmt::format("{}/{}", status.st_ino, fmt::join(files, "/"));
}

}  // namespace yolovino::serve
