#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "yolovino/types.hpp"

#include "data/image_files.hpp"

namespace yolovino::data {

/// Images whose folders are their classes.
struct ClassFolders {
    struct Folder {
        std::string name;
        std::vector<std::string> images;  ///< absolute, sorted
    };
    std::filesystem::path path;   ///< of the split
    ClassNames names;             ///< of the dataset: the folders of `train`, sorted; without it those of the split
    std::vector<Folder> folders;  ///< of the split, sorted by name; a folder may be empty
};

/// Reads `FOLDER/<split>/<class>/…`, as ImageFolder does: names of images count, hidden ones do not. `val` is also
/// looked for as `validation` and `valid`, and falls back to `test`.
/// @throws Error InvalidArgument for a file, NotFound, IoFailure, LimitExceeded
ClassFolders read_class_folders(const std::filesystem::path& folder, const std::string& split,
                                std::size_t max_images = kMaxImages);

}  // namespace yolovino::data
