#pragma once

#include <span>

#include "yolovino/image.hpp"
#include "yolovino/types.hpp"

namespace yolovino::vision {

/// The part of an image that classification looks at, `[canvas.height, canvas.width, 3]` u8 BGR. For a square canvas
/// the shorter side is resized to it and the middle of the longer is taken; any other canvas is filled, whatever that
/// does to the shape. Bilinear with a wider kernel where the image shrinks, in the fixed-point arithmetic of Pillow,
/// which Ultralytics uses here.
/// @throws Error InvalidArgument for an empty image or canvas, LimitExceeded
Image classify_crop(const Image& image, ImageSize canvas);

/// The same as the network takes it: `[3, canvas.height, canvas.width]` f32 RGB, 0 to 1.
/// @param tensor exactly 3 * canvas.height * canvas.width elements
void classify_crop_to_tensor(const Image& image, ImageSize canvas, std::span<float> tensor);

}  // namespace yolovino::vision
