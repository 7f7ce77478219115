#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/dataset.hpp"
#include "data/label_file.hpp"

namespace yolovino::data {

/// An image that COCO annotations list.
struct AnnotatedImage {
    std::string file_name;  ///< as the file says it, often with folders
    std::int64_t id = 0;
    double width = 0;
    double height = 0;
    std::vector<Label> labels;
    bool taken = false;
};

/// COCO's `instances_*.json` or `person_keypoints_*.json` as far as a task needs it.
class Annotations {
public:
    std::vector<AnnotatedImage> images;
    std::map<int, int> category_ids;  ///< class to category

    /// Adds an image; false if one of this path is there already.
    bool add(AnnotatedImage image);
    /// The image at a path: the one with most of its folders, or else the only one of its name.
    AnnotatedImage* find(const std::string& path);

private:
    std::unordered_map<std::string, std::size_t> by_path_;  ///< file name with its folders
    std::unordered_map<std::string, std::size_t> by_name_;  ///< without; kAmbiguous for one that several have
};

/// @throws Error CorruptFile, ShapeMismatch if the categories are not the classes
Annotations read_annotations(const std::filesystem::path& file, const DatasetSplit& split, LabelForm form);

}  // namespace yolovino::data
