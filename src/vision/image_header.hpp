#pragma once

#include <optional>
#include <string_view>

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// The first image of a file of the kind that `decode_image` found, as it is stored; nothing if the header is cut or
/// of a variant that only the decoder knows. Does not throw.
std::optional<DeclaredImage> read_image_size(Bytes encoded, std::string_view kind);

}  // namespace yolovino::vision::detail
