#pragma once

#include <cstdint>
#include <optional>

#include "yolovino/image.hpp"

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// `value` if it is one of the eight orientations, otherwise 1.
int checked_orientation(std::optional<std::uint64_t> value) noexcept;

/// The orientation, 1 to 8, that a TIFF structure from an EXIF block states; 1 if it states none. Does not throw.
int exif_orientation(Bytes tiff) noexcept;

/// The image as it should be seen.
Image apply_orientation(const Image& image, int orientation);

}  // namespace yolovino::vision::detail
