#pragma once

#include <filesystem>

#include "yolovino/image.hpp"

#include "vision/jpeg.hpp"
#include "vision/png.hpp"

namespace yolovino::vision {

/// Encodes by the suffix of `path` (.jpg, .jpeg, .png) and writes the file under a temporary name first.
/// @throws Error InvalidArgument for another suffix, IoFailure
void save_image(const Image& image, const std::filesystem::path& path);

}  // namespace yolovino::vision
