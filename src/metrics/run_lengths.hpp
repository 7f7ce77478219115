#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/masks.hpp"
#include "yolovino/types.hpp"

namespace yolovino::metrics {

/// A mask as COCO's files hold it: lengths of runs, column after column, the first outside of the object. Their sum is
/// the number of pixels.
using Runs = std::vector<std::uint32_t>;

/// The mask of one polygon x1, y1, x2, y2, … in image pixels, by the rules of pycocotools: sampled at a fifth of a
/// pixel.
/// @param size at most 2^32 - 1 pixels
Runs runs_of_polygon(std::span<const double> polygon, ImageSize size);

/// What any of the masks covers. All are of one size; at least one.
Runs united(std::span<const Runs> masks);

/// @param grid of the mask's instance
Runs runs_of_mask(const Masks::Instance& mask, ImageSize grid);

std::uint64_t area_of(const Runs& mask);
/// Pixels that both cover.
std::uint64_t shared_area(const Runs& a, const Runs& b);

/// COCO's compressed text of the runs.
std::string text_of_runs(const Runs& runs);
/// Nothing for text that no runs have.
std::optional<Runs> parse_runs(std::string_view text);

}  // namespace yolovino::metrics
