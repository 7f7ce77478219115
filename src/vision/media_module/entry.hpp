#pragma once

namespace yolovino::vision {

/// Drops what the calling thread writes to the error stream, or lets it pass again.
using DropErrors = void (*)(bool drop) noexcept;

/// Name of the media module and of the one function that it exports: `Media* yolovino_media(DropErrors)`.
inline constexpr const char* kMediaModule = "media";
inline constexpr const char* kMediaEntry = "yolovino_media";

}  // namespace yolovino::vision
