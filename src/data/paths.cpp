#include "data/paths.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "base/fail.hpp"
#include "base/file.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 13> kImageSuffixes = {"avif", "bmp", "dng", "heic", "heif", "jp2",  "jpeg",
                                                             "jpg",  "mpo", "png", "tif",  "tiff", "webp"};
constexpr std::array<std::string_view, 12> kVideoSuffixes = {"asf", "avi", "gif", "m4v", "mkv", "mov",
                                                             "mp4", "mpeg", "mpg", "ts", "wmv", "webm"};
constexpr std::uint64_t kMaxListBytes = 64U << 20U;

template <std::size_t N>
bool has_suffix(const fs::path& path, const std::array<std::string_view, N>& suffixes) {
    std::string suffix = path.extension().string();
    if (!suffix.empty()) suffix.erase(0, 1);
    std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
}

std::vector<std::string> folder_files(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(fs::absolute(entry.path()).lexically_normal().string());
    std::sort(files.begin(), files.end());
    return files;
}

/// Shell patterns; `**` crosses folders.
std::vector<std::string> glob_files(const std::string& pattern) {
    const std::string full = fs::absolute(pattern).lexically_normal().string();
    const std::size_t first = full.find_first_of("*?[");
    const fs::path root = fs::path(full.substr(0, first)).parent_path();
    const bool recursive = full.find("**") != std::string::npos;
    // fnmatch knows no `**`: without FNM_PATHNAME a star crosses folders, and `**/` may also stand for none.
    std::vector<std::string> patterns = {full};
    if (const std::size_t at = full.find("**/"); at != std::string::npos) patterns.push_back(full.substr(0, at) + full.substr(at + 3));
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, error), end; it != end; it.increment(error)) {
        const std::string path = it->path().string();
        const int flags = recursive ? FNM_PERIOD : FNM_PERIOD | FNM_PATHNAME;
        const bool match = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return ::fnmatch(p.c_str(), path.c_str(), flags) == 0; });
        if (match && it->is_regular_file(error)) files.push_back(path);
        const bool deep_enough = !recursive && std::count(path.begin(), path.end(), '/') >= std::count(full.begin(), full.end(), '/');
        if (deep_enough) it.disable_recursion_pending();
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> list_files(const fs::path& list) {
    std::istringstream lines(base::read_text_file(list, kMaxListBytes));
    std::vector<std::string> files;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string::npos) continue;
        fs::path path = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
        if (!fs::exists(path)) path = list.parent_path() / path;
        if (!fs::exists(path)) {
            throw Error(ErrorCode::NotFound, "source", fmt::format("the list names '{}', which does not exist", line), {.file = list.string()});
        }
        files.push_back(fs::absolute(path).lexically_normal().string());
    }
    return files;
}

std::vector<std::string> expand(const std::string& source) {
    const fs::path path = source;
    if (fs::is_directory(path)) return folder_files(path);
    if (fs::exists(path)) {
        const std::string suffix = path.extension().string();
        if (suffix == ".txt" || suffix == ".csv") return list_files(path);
        if (!is_image(path) && !is_video(path)) {
            throw Error(ErrorCode::UnsupportedFile, "source", fmt::format("suffix '{}' is neither of a picture nor of a video", suffix), {.file = source});
        }
        return {fs::absolute(path).lexically_normal().string()};
    }
    if (source.find_first_of("*?[") != std::string::npos) return glob_files(source);
    throw Error(ErrorCode::NotFound, "source", "does not exist", {.file = source});
}

}  // namespace

bool is_image(const fs::path& path) { return has_suffix(path, kImageSuffixes); }
bool is_video(const fs::path& path) { return has_suffix(path, kVideoSuffixes); }

MediaFiles find_media(const std::string& source) {
    MediaFiles media;
    for (std::string& file : expand(source)) {
        if (is_image(file)) {
            media.images.push_back(std::move(file));
        } else if (is_video(file)) {
            media.videos.push_back(std::move(file));
        }
    }
    if (media.images.empty() && media.videos.empty()) {
        throw Error(ErrorCode::NotFound, "source", "holds no picture and no video", {.file = source},
                    "known suffixes are avif bmp dng heic heif jp2 jpeg jpg mpo png tif tiff webp, asf avi gif m4v mkv mov mp4 mpeg mpg ts wmv webm");
    }
    return media;
}

}  // namespace yolovino::data
