#pragma once

#include <vector>

#include "yolovino/masks.hpp"

#include "metrics/run_lengths.hpp"
#include "tasks/box_pairs.hpp"

namespace yolovino::tasks {

/// Labels with their masks on the grid of the prototypes, in the order in which they are compared.
struct MaskedTruths {
    Truths truths;
    std::vector<Masks::Instance> masks;
};

/// @param overlap_mask larger objects come first, and smaller ones hide them
MaskedTruths masked_truths(const LabelledImage& labelled, bool overlap_mask);

/// The mask of a label on the image, as pycocotools makes it of its polygons.
metrics::Runs coco_mask(const data::Label& label, ImageSize image);

}  // namespace yolovino::tasks
