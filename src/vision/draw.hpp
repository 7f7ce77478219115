#pragma once

#include <span>

#include "yolovino/args.hpp"
#include "yolovino/image.hpp"
#include "yolovino/results.hpp"

namespace yolovino::vision {

/// Draws boxes and labels into `image` by Ultralytics' rules: palette by class, lowest score first, text on a filled
/// field.
/// @param names class names; a class beyond them is written as its number
void draw_detections(Image& image, std::span<const Box> boxes, const ClassNames& names, const PlotArgs& args);

}  // namespace yolovino::vision
