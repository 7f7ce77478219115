#include "data/class_folders.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

#include "base/fail.hpp"
#include "base/folder.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

/// Names of the folders in a folder, sorted by their bytes.
ClassNames subfolders(const fs::path& folder) {
    std::error_code error;
    ClassNames names = base::folder_entries(folder, error);
    if (error)
        throw Error(ErrorCode::IoFailure, "data", "the folder cannot be read: " + error.message(),
                    {.file = folder.string()});
    std::erase_if(names, [&](const std::string& name) { return !is_folder(folder / name); });
    std::ranges::sort(names);
    return names;
}

fs::path split_folder(const fs::path& folder, const std::string& split) {
    std::vector<std::string> names = {split};
    if (split == "val") names = {"val", "validation", "valid", "test"};
    for (const std::string& name : names) {
        if (is_folder(folder / name)) return folder / name;
    }
    throw Error(ErrorCode::NotFound, "data", fmt::format("the folder has no '{}'", base::printable(split)),
                {.file = folder.string()},
                "a classification dataset has folders train, val, or test with a folder of images for each class");
}

}  // namespace

ClassFolders read_class_folders(const fs::path& folder, const std::string& split, std::size_t max_images) {
    std::error_code ignored;
    if (!is_folder(folder)) {
        const bool exists = fs::exists(folder, ignored);
        throw Error(exists ? ErrorCode::InvalidArgument : ErrorCode::NotFound, "data",
                    exists ? "the data of a classification is a file, wanted a folder" : "the dataset does not exist",
                    {.file = folder.string()},
                    "give the folder that holds train, val, or test with a folder of images for each class");
    }
    ClassFolders out;
    out.path = fs::absolute(split_folder(folder, split)).lexically_normal();
    std::size_t images = 0;
    for (std::string& name : subfolders(out.path)) {
        ImageCollection collection(split, max_images - images);
        collection.add_folder(out.path / name);
        ClassFolders::Folder each{std::move(name), collection.take()};
        images += each.images.size();
        out.folders.push_back(std::move(each));
    }
    if (images == 0) {
        throw Error(ErrorCode::NotFound, "data", "no folder of a class holds an image", {.file = out.path.string()},
                    "wanted <class>/<image>, for example cat/1.jpg");
    }
    if (is_folder(folder / "train")) {
        out.names = subfolders(folder / "train");
    } else {
        for (const ClassFolders::Folder& each : out.folders) out.names.push_back(each.name);
    }
    return out;
}

}  // namespace yolovino::data
