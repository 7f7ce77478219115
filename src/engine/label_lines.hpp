#pragma once

#include <filesystem>
#include <string>

#include "yolovino/results.hpp"

#include "base/file.hpp"

namespace yolovino::engine {

/// Lines `cls cx cy w h [conf]`, normalised by the size of the picture.
std::string label_lines(const Results& results, bool save_conf);

/// The label file of one picture, in place of one of an earlier run, which stays whole if this fails. Without
/// detections there is none. @throws Error IoFailure
void write_labels(const Results& results, const std::filesystem::path& file, bool save_conf, base::Leftovers leftovers);

}  // namespace yolovino::engine
