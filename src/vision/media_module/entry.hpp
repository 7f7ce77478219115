#pragma once

namespace yolovino::vision {

/// Name of the media module and of the one function that it exports: `Media* yolovino_media()`.
inline constexpr const char* kMediaModule = "media";
inline constexpr const char* kMediaEntry = "yolovino_media";

}  // namespace yolovino::vision
