#include "data/image_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

#include "base/fail.hpp"
#include "base/folder.hpp"
#include "base/log.hpp"
#include "data/paths.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxPathBytes = 2ULL << 30U;  ///< of all images: short lines can be in a deep folder

class Walk {
public:
    explicit Walk(ImageCollection& images) : images_(images) {}

    void go(const fs::path& folder) {
        if (!chain_.enter(folder)) return;
        std::error_code error;
        const std::vector<std::string> names = base::folder_entries(folder, error);
        if (error)
            throw Error(ErrorCode::IoFailure, "data", "the folder cannot be read: " + error.message(),
                        {.file = folder.string()});
        for (const std::string& name : names) {
            fs::path entry = folder / name;
            if (fs::is_directory(entry, error)) {
                go(entry);
            } else if (is_image(entry)) {
                images_.add(entry.string());
            }
        }
        chain_.leave();
    }

private:
    ImageCollection& images_;
    base::FolderChain chain_;
};

/// Equal for all spellings of one path.
fs::path plain(const fs::path& path) {
    fs::path out = fs::absolute(path).lexically_normal();
    return out.has_filename() ? out : out.parent_path();
}

std::string count_of(std::size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

void ImageCollection::add(std::string path) {
    path_bytes_ += path.size();
    if (images_.size() >= max_images_ || path_bytes_ > kMaxPathBytes) {
        throw Error(ErrorCode::LimitExceeded, "data",
                    fmt::format("'{}' names more than {} images or {} GiB of paths", base::printable(name_),
                                max_images_, kMaxPathBytes >> 30U));
    }
    images_.push_back(std::move(path));
}

void ImageCollection::add_folder(const fs::path& folder) {
    base::translate(ErrorCode::IoFailure, "data", "cannot list the images", [&] { Walk(*this).go(plain(folder)); });
}

bool ImageCollection::is_new(const fs::path& source) {
    const bool added = sources_.insert(plain(source)).second;
    repeated_sources_ += added ? 0 : 1;
    return added;
}

std::vector<std::string> ImageCollection::take() {
    std::ranges::sort(images_);
    const auto rest = std::unique(images_.begin(), images_.end());
    const auto repeated = static_cast<std::size_t>(images_.end() - rest);
    images_.erase(rest, images_.end());
    std::string again;
    if (repeated_sources_ > 0) again = count_of(repeated_sources_, "folder or list", "folders or lists");
    if (repeated > 0) again += (again.empty() ? "" : " and ") + count_of(repeated, "image", "images");
    if (!again.empty()) {
        base::warn("'{}' names {} more than once: each image counts once here, each time in Ultralytics",
                   base::printable(name_), again);
    }
    return std::move(images_);
}

}  // namespace yolovino::data
