#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "yolovino/image.hpp"

/// The parts behind decode.hpp. Nothing outside this folder's decoders uses them.
namespace yolovino::vision::detail {

using Bytes = std::span<const std::byte>;

/// Decodes a JPEG, EXIF orientation applied; nothing for CMYK pictures, which the media module converts.
std::optional<Image> decode_jpeg(Bytes encoded, std::string_view name);
Image decode_png(Bytes encoded, std::string_view name);

/// The size that a JPEG will have once it is decoded, from its header; nothing if that is damaged or not all there.
std::optional<ImageSize> jpeg_size(Bytes encoded);

/// The orientation, 1 to 8, that a TIFF structure from an EXIF block states; 1 if it states none. Does not throw.
int exif_orientation(Bytes tiff) noexcept;

/// The picture as it should be seen.
Image apply_orientation(const Image& image, int orientation);

/// Allocates a picture of the size that a file declares. @throws Error LimitExceeded, CorruptFile with the file's name
Image allocate_declared(std::uint64_t height, std::uint64_t width, std::string_view name);

[[noreturn]] void throw_corrupt(std::string_view what, std::string_view name);

}  // namespace yolovino::vision::detail
