#pragma once

#include "vision/media.hpp"

namespace yolovino::vision::module {

std::unique_ptr<VideoReader> open_video(const std::string& location);
std::unique_ptr<VideoReader> open_pipe(int descriptor);
std::unique_ptr<VideoReader> open_camera(int index);
std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& file, double fps, ImageSize size);

}  // namespace yolovino::vision::module
