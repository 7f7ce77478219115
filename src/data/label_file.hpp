#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::data {

/// A box as COCO annotations hold it, in image pixels, and the area of the object in it.
struct PixelBox {
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
    double area_px2 = 0;

    friend bool operator==(const PixelBox&, const PixelBox&) = default;
};

/// One object of a picture: centre and size, normalised by the picture.
struct Label {
    int cls = 0;
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    bool crowd = false;                  ///< a region of many objects, from COCO annotations
    std::optional<PixelBox> exact = {};  ///< from COCO annotations

    friend bool operator==(const Label&, const Label&) = default;
};

/// What a label file says, or why it cannot be used.
struct LabelFile {
    std::vector<Label> labels;
    std::size_t duplicates = 0;  ///< rows of equal numbers, which are left out
    std::string problem;         ///< `line 3: …`, what was found and what was wanted; empty if all is well
};

/// Reads lines `cls cx cy w h`, or, if any line has more than six columns, polygons `cls x1 y1 x2 y2 …`, whose bounding
/// boxes count; a file with both is refused. Lines, words, and numbers are those of Python's str. Centres may lie 0.01
/// outside of 0 to 1, sides 0.01 above 1.
/// @param classes number of classes that the dataset has
LabelFile parse_labels(std::string_view text, std::size_t classes);

/// Where the labels of a picture lie: the last folder `images` becomes `labels`, the suffix `.txt`.
std::filesystem::path label_path(const std::filesystem::path& image);

}  // namespace yolovino::data
