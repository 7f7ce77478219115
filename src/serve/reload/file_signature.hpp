#pragma once

#include <filesystem>
#include <string>

namespace yolovino::serve {

/// What tells a file, or the files of a folder, from what was there before, without reading them: inodes, sizes, and
/// times of change. Empty if nothing is there. Does not throw.
std::string file_signature(const std::filesystem::path& path);

}  // namespace yolovino::serve
