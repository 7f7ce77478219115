#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace yolovino::data {

inline constexpr std::size_t kMaxImages = 10'000'000;

/// Collects the images of a dataset or a calibration set: what folders, lists, and single names give. An image is the
/// path that leads to it, so behind two links it is two images, as its labels may differ.
class ImageCollection {
public:
    /// @param name of the set, for messages
    explicit ImageCollection(std::string name, std::size_t max_images = kMaxImages)
        : name_(std::move(name)), max_images_(max_images) {}

    /// @param path absolute. @throws Error LimitExceeded
    void add(std::string path);
    /// The images of a folder and of all folders below it that are not hidden. Links are followed, but not back up.
    /// @throws Error IoFailure, LimitExceeded
    void add_folder(const std::filesystem::path& folder);
    /// Whether a folder or list is named for the first time. Read again for each, they would multiply.
    bool is_new(const std::filesystem::path& source);

    /// All paths, sorted, each once. Says in one line if any was named more than once.
    std::vector<std::string> take();

private:
    std::string name_;
    std::size_t max_images_;
    std::vector<std::string> images_;
    std::uint64_t path_bytes_ = 0;
    std::set<std::filesystem::path> sources_;
    std::size_t repeated_sources_ = 0;
};

}  // namespace yolovino::data
