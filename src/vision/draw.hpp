#pragma once

#include <span>
#include <string_view>

#include "yolovino/image.hpp"
#include "yolovino/plot_args.hpp"
#include "yolovino/rotated_box.hpp"
#include "yolovino/types.hpp"

#include "vision/region.hpp"

namespace yolovino::vision {

/// Draws boxes and labels into `image` by Ultralytics' rules: palette by class, lowest score first (of what is tracked
/// the last first), text on a filled field.
/// @param names class names; a class beyond them is written as its number
void draw_detections(Image& image, std::span<const Box> boxes, const ClassNames& names, const PlotArgs& args);

/// The same with rotated boxes, whose labels hang at their first corner.
void draw_rotated_boxes(Image& image, std::span<const RotatedBox> boxes, const ClassNames& names, const PlotArgs& args);

/// Cuts the fraction off, as Python's int(); far outside of any image the exact place does not matter.
int to_pixel(float value);

/// Width of a line by the options or the size of the image.
int line_width_of(const Image& image, const PlotArgs& args);

/// Writes one line of small dark text into a region of `image`, vertically centred, truncated with dots where it is too
/// long. Characters beyond ASCII become `?`.
void draw_caption(Image& image, const Region& region, std::string_view text);

}  // namespace yolovino::vision
