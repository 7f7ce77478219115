#pragma once

namespace yolovino::vision {

/// A part of an image or of another grid, in its pixels.
struct Region {
    int top = 0;
    int left = 0;
    int height = 0;
    int width = 0;
};

}  // namespace yolovino::vision
