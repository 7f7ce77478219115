#pragma once

#include "yolovino/masks.hpp"
#include "yolovino/types.hpp"

#include "vision/bilinear.hpp"
#include "vision/region.hpp"

namespace yolovino::vision {

/// Where an image lies on a grid that covers its letterboxed form, as Ultralytics derives it from the two sizes.
Region image_on_grid(ImageSize grid, ImageSize image);

/// Words of one row of bits.
int words_of_row(int width);

/// Whether the bits are those of the size, and lie on the grid.
bool is_on_grid(const Masks::Instance& mask, ImageSize grid);

/// Takes masks from a grid to another size: bilinear on 0 and 1.
class MaskResizer {
public:
    /// The greatest f32 below 1: only pixels between set ones are above it.
    static constexpr float kWhole = 0x1.fffffep-1F;

    /// @param part of the grid that becomes the whole image, inside it
    MaskResizer(const Region& part, ImageSize image);

    /// The pixels whose value is above a limit of 0 to 1.
    /// @param mask on the grid, see is_on_grid()
    Masks::Instance resize(const Masks::Instance& mask, float above) const;

private:
    BilinearResize plan_;
};

}  // namespace yolovino::vision
