#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "yolovino/image.hpp"

/// The image kinds that have a library of their own here, since OpenCV 4.6 reads them not at all or not as OpenCV 5
/// does. Each gives nothing and sets `reason` if the file cannot be read.
namespace yolovino::vision::module {

using Bytes = std::span<const std::byte>;

/// libwebp. The first frame of an animation, on a black canvas.
std::optional<Image> decode_webp(Bytes encoded, std::string& reason);
/// giflib. The first frame, on the background colour.
std::optional<Image> decode_gif(Bytes encoded, std::string& reason);
/// libtiff. The first page as it is stored; floats and 32-bit numbers are rounded and clipped to 0 to 255.
std::optional<Image> decode_tiff(Bytes encoded, std::string& reason);

/// libavif and libheif. The main image, turned, mirrored, and (HEIC) cropped as the file says.
std::optional<Image> decode_avif(Bytes encoded, std::string& reason);
std::optional<Image> decode_heic(Bytes encoded, std::string& reason);
/// The sizes that they will have.
std::optional<ImageSize> avif_size(Bytes encoded, std::string& reason);
std::optional<ImageSize> heic_size(Bytes encoded, std::string& reason);

}  // namespace yolovino::vision::module
