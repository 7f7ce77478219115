#pragma once

#include <span>
#include <string>

#include "yolovino/image.hpp"

namespace yolovino::vision {

/// Writes lines into the upper left of an image, white on dark fields through which the image shines.
void draw_classes(Image& image, std::span<const std::string> lines);

}  // namespace yolovino::vision
