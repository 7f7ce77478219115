#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vision/media.hpp"

namespace yolovino::data {

/// A video or a live stream behind an http(s) URL. FFmpeg, which would follow any redirect and any playlist to
/// anywhere, sees no address: the bytes come through HttpSession and a pipe. MP4 files, which must be read from both
/// ends, are fetched into a file without a name first. `headers`, `user_agent`, `referer`, and `tls_verify` in
/// OPENCV_FFMPEG_CAPTURE_OPTIONS are obeyed.
/// @param stopped called at least once a second; once true, the stream ends
/// @throws Error NetworkFailure, LimitExceeded, CorruptFile, UnsupportedFile, MissingComponent
std::unique_ptr<vision::VideoReader> open_http_stream(const std::string& url, std::function<bool()> stopped);

}  // namespace yolovino::data
