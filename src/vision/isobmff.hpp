#pragma once

#include <optional>
#include <string_view>

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// AVIF and HEIC: the size of the main image, or of the HEVC sequences if that is larger. Does not throw.
std::optional<DeclaredImage> isobmff_size(Bytes encoded);

/// Whether the colours of a HEIC file are stored for four pixels together. Does not throw.
bool hevc_is_420(Bytes encoded);

/// "AVIF" or "HEIC" by the brands of an ISO base media file, empty for all others. Does not throw.
std::string_view isobmff_kind(Bytes encoded);

}  // namespace yolovino::vision::detail
