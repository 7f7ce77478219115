#pragma once

#include <span>

#include "yolovino/image.hpp"
#include "yolovino/masks.hpp"
#include "yolovino/types.hpp"

namespace yolovino::vision {

/// Blends masks into `image` by Ultralytics' rules: each in the colour of its box's class, at half strength; where they
/// overlap, the image fades with each of them, and of their colours the stronger counts.
/// @throws Error InvalidArgument without an image, or for a mask that is not on its grid
void draw_masks(Image& image, const Masks& masks, std::span<const Box> boxes);

}  // namespace yolovino::vision
