#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "yolovino/image.hpp"

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// Applies the EXIF orientation.
Image decode_jpeg(Bytes encoded, std::string_view name);

/// The size that a JPEG will have once it is decoded, from its header; nothing if that is damaged or not all there.
std::optional<ImageSize> jpeg_size(Bytes encoded);
/// The same. @throws Error CorruptFile, UnsupportedFile, LimitExceeded
ImageSize jpeg_size(Bytes encoded, std::string_view name);

}  // namespace yolovino::vision::detail

namespace yolovino::vision {

inline constexpr int kJpegQuality = 95;

/// Encodes as JPEG, 4:2:0 as `cv::imwrite` does; `subsample = false` keeps full colour resolution.
std::vector<std::byte> encode_jpeg(const Image& image, int quality = kJpegQuality, bool subsample = true);

}  // namespace yolovino::vision
