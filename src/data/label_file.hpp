#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/types.hpp"

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

/// What a task compares with labels.
enum class LabelForm {
    Boxes,      ///< of polygons their bounding boxes
    Polygons,   ///< outlines
    Corners,    ///< polygons that stand for rotated boxes
    Keypoints,  ///< boxes with keypoints
    Folders     ///< no label files: the folder of an image is its class
};

/// The part of a label that boxes do not have.
struct LabelShape {
    /// Normalised by the image: an outline x1, y1, x2, y2, …, or x, y, v of each keypoint.
    std::vector<float> points;
    /// From COCO annotations, in image pixels: outlines whose union is the object.
    std::vector<std::vector<double>> polygons = {};
    /// From COCO annotations: lengths of runs, column after column, the first outside of the object.
    std::vector<std::uint32_t> runs = {};
    /// From COCO annotations, in image pixels: x, y, v of each keypoint.
    std::vector<double> keypoints = {};

    friend bool operator==(const LabelShape&, const LabelShape&) = default;
};

/// One object of an image: centre and size, normalised by the image.
struct Label {
    int cls = 0;
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    bool crowd = false;                            ///< a region of many objects, from COCO annotations
    std::optional<PixelBox> exact = {};            ///< from COCO annotations
    std::shared_ptr<const LabelShape> shape = {};  ///< null for boxes

    friend bool operator==(const Label& a, const Label& b);
};

/// What a label file says, or why it cannot be used.
struct LabelFile {
    std::vector<Label> labels;
    std::size_t duplicates = 0;  ///< rows of equal numbers, which are left out
    std::string problem;         ///< `line 3: …`, what was found and what was wanted; empty if all is well
    bool polygons = false;       ///< whether the rows are polygons
};

/// How the rows of label files are read.
struct LabelRows {
    LabelForm form = LabelForm::Boxes;
    /// Of the dataset; of rows with keypoints a task that wants boxes takes the boxes.
    KeypointShape keypoints = {};
};

/// Reads lines `cls cx cy w h`, or, if any line has more than six columns, polygons `cls x1 y1 x2 y2 …`, whose bounding
/// boxes count; a file with both is refused. Lines, words, and numbers are those of Python's str. Centres may lie 0.01
/// outside of 0 to 1, sides 0.01 above 1.
/// Rows with keypoints are `cls cx cy w h` and `x y [v]` of each; of two numbers, a point is visible if none is
/// negative.
/// @param classes number of classes that the dataset has
LabelFile parse_labels(std::string_view text, std::size_t classes, const LabelRows& rows = {});

/// Where the labels of an image lie: the last folder `images` becomes `labels`, the suffix `.txt`.
std::filesystem::path label_path(const std::filesystem::path& image);

}  // namespace yolovino::data
