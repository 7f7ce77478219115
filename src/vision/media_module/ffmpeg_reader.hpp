#pragma once

#include <memory>
#include <string>

#include "vision/media.hpp"

namespace yolovino::vision::module {

/// Nothing if it cannot be opened or holds no video that can be decoded.
/// @param location what libavformat understands, or the path of a file
std::unique_ptr<VideoReader> open_with_ffmpeg(const std::string& location, bool is_file);

}  // namespace yolovino::vision::module
