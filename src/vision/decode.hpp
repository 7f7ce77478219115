#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "yolovino/image.hpp"

namespace yolovino::vision {

/// Largest encoded image that is read.
inline constexpr std::uint64_t kMaxEncodedBytes = std::uint64_t{1} << 29U;

/// Decodes an image to BGR as Ultralytics with OpenCV 5 does (EXIF orientation applied, alpha dropped, 16 bits reduced
/// to 8, the first image of an animation; docs/parity.md has the table). JPEG and PNG are decoded here; every other
/// kind by the media module, which is loaded at first need.
/// @param name what to call the image in messages
/// @throws Error UnsupportedFile, CorruptFile, LimitExceeded, MissingComponent
Image decode_image(std::span<const std::byte> encoded, std::string_view name);

/// Reads and decodes a file. @throws Error NotFound, IoFailure, and as above
Image load_image(const std::filesystem::path& path);

/// What the first and last bytes of an image file declare.
struct ImageHeader {
    ImageSize size;  ///< as decoded, EXIF orientation applied
    bool jpeg = false;
    bool complete = true;  ///< false for a JPEG or PNG that does not end with its end marker
};

/// The size that `load_image` would give. Nothing is decoded; of a JPEG or PNG little more than the header is read.
/// @throws Error as load_image, CorruptFile if the header is damaged
ImageHeader read_image_header(const std::filesystem::path& path);

}  // namespace yolovino::vision
