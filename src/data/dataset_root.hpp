#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yolovino::data {

/// Where the entries of a split lie.
struct DatasetPlaces {
    std::vector<std::filesystem::path> sources;  ///< one for each entry; empty if nothing was found
    std::string tried;                           ///< the places of the first entry that were looked at
};

/// Finds the folders and lists that a split names. A relative `path` is looked for as Ultralytics does, in the current
/// folder and in the `datasets_dir` of its settings, then beside the YAML and in the usual folders for datasets; the
/// first that holds all entries is taken. An entry `../x` that is not there is `x`, as exports of Roboflow mean it.
/// Says in one line which place was taken where others were possible, or where settings named it.
/// @param yaml the dataset file
/// @param path its key of this name, empty if it has none
/// @param entries of the split, at least one
DatasetPlaces find_places(const std::filesystem::path& yaml, const std::filesystem::path& path,
                          const std::vector<std::string>& entries);

}  // namespace yolovino::data
