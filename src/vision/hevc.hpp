#pragma once

#include <vector>

#include "vision/declared_image.hpp"

/// A part behind decode.hpp, which nothing but the decoders of this room uses.
namespace yolovino::vision::detail {

/// What the sequence headers in an `hvcC` box declare. Does not throw.
std::vector<DeclaredImage> hevc_sizes(Bytes settings);

}  // namespace yolovino::vision::detail
