#pragma once

#include <span>
#include <string_view>

#include "yolovino/args.hpp"
#include "yolovino/image.hpp"
#include "yolovino/results.hpp"

namespace yolovino::vision {

/// Draws boxes and labels into `image` by Ultralytics' rules: palette by class, lowest score first, text on a filled
/// field.
/// @param names class names; a class beyond them is written as its number
void draw_detections(Image& image, std::span<const Box> boxes, const ClassNames& names, const PlotArgs& args);

/// A part of a picture in pixels.
struct Region {
    int top = 0;
    int left = 0;
    int height = 0;
    int width = 0;
};

/// Writes one line of small dark text into a region of `image`, vertically centred, cut with dots where it is too long.
/// Characters beyond ASCII become `?`.
void draw_caption(Image& image, const Region& region, std::string_view text);

}  // namespace yolovino::vision
