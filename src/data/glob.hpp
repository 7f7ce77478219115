#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace yolovino::data {

/// True if `text` holds a character with a meaning in shell patterns.
bool is_pattern(const std::string& text);

/// Names of the entries of a folder, sorted. Those that start with a dot are left out, as a shell does.
std::vector<std::string> folder_entries(const std::filesystem::path& folder, std::error_code& error);

/// The regular files that match a shell pattern (`*`, `?`, `[a-z]`, `[!a]`), absolute and sorted. `**` as a whole part
/// of the path stands for any number of folders, none included, but does not follow links. What cannot be read is left
/// out.
std::vector<std::string> glob_files(const std::string& pattern);

}  // namespace yolovino::data
