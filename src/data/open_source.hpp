#pragma once

#include <memory>
#include <string>

#include "data/frame.hpp"

namespace yolovino::data {

/// Opens a file, folder, glob, `.txt`, `.csv`, `.streams` list, video, http(s) URL, rtsp/rtmp/tcp stream, or camera
/// index; `-` is standard input.
/// @throws Error NotFound, InvalidArgument, UnsupportedFile, NetworkFailure, MissingComponent
std::unique_ptr<FrameSource> open_source(const std::string& source, const SourceArgs& args);

}  // namespace yolovino::data
