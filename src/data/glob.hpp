#pragma once

#include <string>
#include <vector>

namespace yolovino::data {

/// True if `text` holds a character with a meaning in shell patterns.
bool is_pattern(const std::string& text);

/// The regular files that match a shell pattern (`*`, `?`, `[a-z]`, `[!a]`), absolute and sorted. `**` as a whole part
/// of the path stands for any number of folders, none included; links are followed unless they lead back up. Names
/// with a leading dot match only patterns with one, and no `**`. What cannot be read is left out.
std::vector<std::string> glob_files(const std::string& pattern);

}  // namespace yolovino::data
