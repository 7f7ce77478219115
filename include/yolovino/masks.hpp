#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// Masks of the objects of one image, object `i` being `Results::boxes[i]`. Each is kept as bits inside its box until
/// pixels or outlines are asked for.
class YOLOVINO_API Masks {
public:
    /// The part of the grid that one object covers.
    struct Instance {
        int top = 0;
        int left = 0;
        int height = 0;
        int width = 0;
        /// Row after row, each beginning with a new word; bit `x % 64` of word `x / 64` is column `left + x`.
        std::vector<std::uint64_t> bits;

        friend bool operator==(const Instance&, const Instance&) = default;
    };

    ImageSize shape;       ///< of the grid: the network's input, or with `retina_masks` the image
    ImageSize orig_shape;  ///< of the image
    std::vector<Instance> instances;

    std::size_t size() const noexcept;  ///< objects
    /// 0 or 1 for each pixel of the grid, row after row. @throws Error InvalidArgument for an index out of range, as
    /// the others
    std::vector<std::uint8_t> data(std::size_t object) const;
    std::size_t area_px(std::size_t object) const;  ///< pixels of the grid
    /// One closed outline in image pixels; parts are joined as Ultralytics joins them. Empty for an empty mask.
    std::vector<Point> xy(std::size_t object) const;
    /// The same, normalised by the size of the image.
    std::vector<Point> xyn(std::size_t object) const;
};

}  // namespace yolovino
