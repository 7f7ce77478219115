#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yolovino::data {

bool is_image(const std::filesystem::path& path);
bool is_video(const std::filesystem::path& path);

/// Absolute paths.
struct MediaFiles {
    std::vector<std::string> images;
    std::vector<std::string> videos;
};

/// The images and the videos that a file, folder, pattern, or list names; each group sorted, lists in their own
/// order.
/// @throws Error NotFound if nothing is there, UnsupportedFile for a single file of an unknown suffix, IoFailure
MediaFiles find_media(const std::string& source);

}  // namespace yolovino::data
