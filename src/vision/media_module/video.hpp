#pragma once

#include "vision/media.hpp"

namespace yolovino::vision::module {

/// Nothing if it cannot be opened or holds no video that can be decoded.
/// @param location what libavformat understands, or the path of a file
std::unique_ptr<VideoReader> open_with_ffmpeg(const std::string& location, bool is_file);

std::unique_ptr<VideoReader> open_video(const std::string& location);
std::unique_ptr<VideoReader> open_pipe(int descriptor);
std::unique_ptr<VideoReader> open_camera(int index);
std::unique_ptr<VideoWriter> create_video(const std::filesystem::path& file, double fps, ImageSize size);

/// As VideoReader::whole_frame_count(). @param stated what OpenCV takes for the number of frames
std::int64_t whole_frame_count(const std::string& file, std::int64_t stated);

}  // namespace yolovino::vision::module
