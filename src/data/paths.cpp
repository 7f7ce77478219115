#include "data/paths.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "data/glob.hpp"
#include "documents/list.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 13> kImageSuffixes = {"avif", "bmp", "dng", "heic", "heif", "jp2", "jpeg",
                                                             "jpg",  "mpo", "png", "tif",  "tiff", "webp"};
constexpr std::array<std::string_view, 12> kVideoSuffixes = {"asf", "avi",  "gif", "m4v", "mkv", "mov",
                                                             "mp4", "mpeg", "mpg", "ts",  "wmv", "webm"};
constexpr std::uint64_t kMaxListBytes = 64U << 20U;
constexpr std::size_t kMaxListedFiles = 10'000'000;  ///< lines that name one folder again and again would multiply

/// In lower case and without the dot.
std::string suffix_of(const fs::path& path) {
    const std::string suffix = base::to_lower(path.extension().string());
    return suffix.empty() ? suffix : suffix.substr(1);
}

template <std::size_t N>
bool has_suffix(const fs::path& path, const std::array<std::string_view, N>& suffixes) {
    return std::find(suffixes.begin(), suffixes.end(), suffix_of(path)) != suffixes.end();
}

std::string known_suffixes() {
    std::string text = "known are the images";
    for (const std::string_view suffix : kImageSuffixes) text.append(" ").append(suffix);
    text += " and the videos";
    for (const std::string_view suffix : kVideoSuffixes) text.append(" ").append(suffix);
    return text;
}

/// A path that the system refuses, as one that is too long, does not exist either. It would read one up to a zero byte.
fs::file_type type_of(const fs::path& path) {
    if (path.native().find('\0') != std::string::npos) return fs::file_type::not_found;
    std::error_code ignored;
    return fs::status(path, ignored).type();
}

bool is_there(const fs::path& path) {
    const fs::file_type type = type_of(path);
    return type != fs::file_type::not_found && type != fs::file_type::none && type != fs::file_type::unknown;
}

/// A pipe, socket, or device: opening or reading it may never end. Among other files it is skipped like a damaged one.
void refuse_special(const fs::path& path) {
    const fs::file_type type = type_of(path);
    if (type == fs::file_type::fifo || type == fs::file_type::socket || type == fs::file_type::character ||
        type == fs::file_type::block)
        throw Error(ErrorCode::UnsupportedFile, "source", "this is a pipe, socket, or device, wanted a regular file",
                    {.file = path.string()});
}

std::string full_path(const fs::path& path) {
    return fs::absolute(path).lexically_normal().string();
}

std::vector<std::string> folder_files(const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> files;
    const fs::path root = full_path(folder / "");
    for (const std::string& name : base::folder_entries(folder, error)) {
        if (type_of(root / name) != fs::file_type::directory) files.push_back((root / name).string());
    }
    if (error)
        throw Error(ErrorCode::IoFailure, "source", "the folder cannot be read: " + error.message(),
                    {.file = folder.string()});
    return files;
}

/// What one line of a list names: a file, a folder, or a pattern, as given or relative to the folder of the list.
std::vector<std::string> listed_files(const fs::path& list, const std::string& line, std::size_t number) {
    for (const fs::path& path : {fs::path(line), list.parent_path() / line}) {
        if (type_of(path) == fs::file_type::directory) return folder_files(path);
        if (is_there(path)) {
            if (!is_image(path) && !is_video(path)) {
                base::warn("line {} of {} is skipped: '{}' is neither an image nor a video", number,
                           base::printable(list.string()), base::printable(line));
            }
            return {full_path(path)};
        }
        if (!is_pattern(line)) continue;
        if (std::vector<std::string> files = glob_files(path.string()); !files.empty()) return files;
    }
    throw Error(
        ErrorCode::NotFound, "source",
        fmt::format("line {} names '{}', which does not exist", number, base::printable(line)), {.file = list.string()},
        suffix_of(list) == "csv"
            ? "give one path per cell, or a first row with a cell 'source' above the paths; relative ones count "
              "from the folder of the list"
            : "give one path per line, absolute or relative to the folder of the list");
}

std::vector<std::string> list_files(const fs::path& list, bool csv) {
    const std::string text = base::read_text_file(list, kMaxListBytes);
    const documents::Origin origin{"source", list.string()};
    std::vector<std::string> files;
    for (const documents::ListEntry& entry :
         csv ? documents::read_csv(text, origin) : documents::read_list(text, origin)) {
        for (std::string& file : listed_files(list, entry.text, entry.line)) files.push_back(std::move(file));
        if (files.size() > kMaxListedFiles) {
            throw Error(ErrorCode::LimitExceeded, "source",
                        fmt::format("the list names more than {} files", kMaxListedFiles), {.file = list.string()});
        }
    }
    return files;
}

std::vector<std::string> expand(const std::string& source) {
    const fs::path path = source;
    if (type_of(path) == fs::file_type::directory) return folder_files(path);
    refuse_special(path);
    if (is_there(path)) {
        const std::string suffix = suffix_of(path);
        if (suffix == "txt" || suffix == "csv") return list_files(path, suffix == "csv");
        if (is_image(path) || is_video(path)) return {full_path(path)};
        throw Error(ErrorCode::UnsupportedFile, "source",
                    fmt::format("suffix '{}' is neither of an image, nor of a video, nor of a list (txt, csv, streams)",
                                base::printable(suffix)),
                    {.file = source}, known_suffixes());
    }
    if (is_pattern(source)) return glob_files(source);
    throw Error(ErrorCode::NotFound, "source", "the file or folder does not exist", {.file = source},
                "check the path, or the quotes around it");
}

}  // namespace

bool is_image(const fs::path& path) {
    return has_suffix(path, kImageSuffixes);
}
bool is_video(const fs::path& path) {
    return has_suffix(path, kVideoSuffixes);
}

MediaFiles find_media(const std::string& source) {
    return base::translate(ErrorCode::IoFailure, "source", base::printable(source), [&] {
        std::vector<std::string> files = expand(source);
        MediaFiles media;
        for (std::string& file : files) {
            if (is_image(file)) {
                media.images.push_back(std::move(file));
            } else if (is_video(file)) {
                media.videos.push_back(std::move(file));
            }
        }
        if (media.images.empty() && media.videos.empty()) {
            throw Error(ErrorCode::NotFound, "source",
                        fmt::format("no image and no video among {} files", files.size()), {.file = source},
                        known_suffixes());
        }
        return media;
    });
}

}  // namespace yolovino::data
