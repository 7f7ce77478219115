#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "yolovino/types.hpp"

#include "data/image_files.hpp"
#include "data/label_file.hpp"

namespace yolovino::data {

/// What a dataset's YAML says about one split.
struct DatasetSplit {
    std::filesystem::path yaml;
    std::string split;                   ///< `val`, `test`, `train`, `minival`, …
    ClassNames names;                    ///< by class id
    std::vector<std::string> images;     ///< absolute, sorted
    bool coco = false;                   ///< a list of COCO's own val or test-dev images
    KeypointShape keypoints = {};        ///< `kpt_shape`; count 0 without that key
    std::vector<float> oks_sigmas = {};  ///< `kpt_oks_sigmas`, one for each keypoint; empty without that key
};

/// Reads the YAML and lists the images of a split: a folder (searched to its depths, without hidden names), a `.txt`
/// list, or a list of such. Where they lie says `find_places`. What is named again counts once.
/// @throws Error NotFound, IoFailure, InvalidArgument, CorruptFile, LimitExceeded
DatasetSplit read_dataset(const std::filesystem::path& yaml, const std::string& split,
                          std::size_t max_images = kMaxImages);

/// One image with what is to be found in it.
struct Sample {
    std::string path;
    ImageSize size;  ///< from the file's header
    std::vector<Label> labels;
    std::int64_t image_id = -1;  ///< from COCO annotations
};

struct DatasetScan {
    std::vector<Sample> samples;   ///< those that can be used, in the order of the split
    std::filesystem::path folder;  ///< of the labels, for the line that is printed
    std::size_t found = 0;         ///< sound images with a label file, be it empty or damaged
    std::size_t backgrounds = 0;   ///< sound images without a label: the file is missing or empty
    std::size_t corrupt = 0;       ///< images that are left out because they or their labels are damaged
    std::size_t instances = 0;
    std::map<int, int> category_ids;  ///< class to category, from COCO annotations
};

/// Reads the headers of all images and their label files; each bad pair is logged in one line, left out and counted.
/// @throws Error NotFound if no label is there at all; CorruptFile if outlines are wanted and labels are boxes
DatasetScan scan_labels(const DatasetSplit& split, LabelForm form = LabelForm::Boxes);

/// Reads the headers of all images, each of which is of one class, in the order of the split.
/// @param classes one for each image of the split. @throws Error CorruptFile if no image can be used
DatasetScan scan_folders(const DatasetSplit& split, const std::vector<int>& classes);

/// The same as scan_labels with a COCO annotation file instead of label files. Categories stand for the classes of the
/// same names, or, where names differ, in the order of their ids; images are found by file name.
/// @throws Error as above; CorruptFile, ShapeMismatch if the categories are not the classes
DatasetScan scan_annotations(const DatasetSplit& split, const std::filesystem::path& instances,
                             LabelForm form = LabelForm::Boxes);

}  // namespace yolovino::data
