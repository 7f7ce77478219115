#pragma once

#include <cstddef>
#include <span>

#include "yolovino/c/yolovino.h"
#include "yolovino/image.hpp"

namespace yolovino::c_api {

/// The pixels of the caller. @throws Error InvalidArgument
ImageView view_of(const yv_image* image);

/// @throws Error InvalidArgument
std::span<const std::byte> bytes_of(const void* bytes, std::size_t count);

/// The image of an input, decoded or copied. @throws Error as Image::decode and Image
Image image_of(const yv_input* input);

/// Element `index` of an array whose elements may be larger than this version of the interface knows.
const yv_input* input_at(const yv_input* inputs, std::size_t index);

}  // namespace yolovino::c_api
