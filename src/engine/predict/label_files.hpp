#pragma once

#include <filesystem>

#include "yolovino/results.hpp"

#include "base/file.hpp"

namespace yolovino::engine {

/// The label file of one image, in place of one of an earlier run, which stays whole if this fails. Without objects
/// there is none: false. @throws Error IoFailure
bool write_labels(const Results& results, const std::filesystem::path& file, bool save_conf, base::Leftovers leftovers);

}  // namespace yolovino::engine
