#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "yolovino/masks.hpp"

#include "vision/bilinear.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::tasks {

/// Masks that all objects of an image are mixed from: `[count, height, width]` f32. Borrowed.
struct Prototypes {
    std::span<const float> data;
    std::size_t count = 0;
    ImageSize size;
};

/// Computes masks of objects: the prototypes mixed by an object's coefficients, enlarged, above 0, and inside the box.
/// Only what the box covers is computed. Keeps the prototypes' memory; thread-safe.
class MaskGrid {
public:
    /// Not enlarged, as validation compares masks.
    static MaskGrid at_prototypes(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry);
    /// At the size of the network's input, as masks are predicted.
    static MaskGrid at_input(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry);
    /// At the size of the image, `retina_masks`.
    static MaskGrid at_image(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry);

    ImageSize size() const { return size_; }

    /// Empty, of no size, if the box covers no pixel.
    /// @param coefficients one for each prototype
    /// @param box not clipped
    Masks::Instance mask(std::span<const float> coefficients, const vision::ModelBox& box) const;

private:
    enum class Space { Prototypes, Input, Image };

    MaskGrid(const Prototypes& prototypes, const vision::LetterboxGeometry& geometry, Space space, ImageSize size)
        : prototypes_(prototypes), geometry_(geometry), space_(space), size_(size) {}

    vision::Region covered(const vision::ModelBox& box) const;
    std::span<const float> logits(std::span<const float> coefficients, const vision::Region& part,
                                  std::size_t step) const;

    Prototypes prototypes_;
    vision::LetterboxGeometry geometry_;
    Space space_;
    ImageSize size_;
    std::vector<vision::BilinearResize> steps_;  ///< from the prototypes to the grid
};

/// Whether no pixel is set.
bool is_empty(const Masks::Instance& mask);

}  // namespace yolovino::tasks
