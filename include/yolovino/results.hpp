#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/export.hpp"
#include "yolovino/image.hpp"

namespace yolovino {

/// Class names by class id, `names[cls]`.
using ClassNames = std::vector<std::string>;

/// One detection in pixels of the original image: x to the right, y down, corners as floats, never rounded.
struct Box {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
    float conf = 0;  ///< score, 0 to 1
    int cls = 0;     ///< class id

    friend bool operator==(const Box&, const Box&) = default;
};

/// Time per image in milliseconds.
struct Speed {
    double preprocess = 0;   ///< letterbox and tensor
    double inference = 0;    ///< the network
    double postprocess = 0;  ///< suppression, scaling back, results
};

/// What was found in one image or video frame.
class YOLOVINO_API Results {
public:
    Image orig_img;         ///< the picture as decoded
    ImageSize orig_shape;   ///< its size
    ImageSize input_shape;  ///< height and width of the network's input
    std::string path;       ///< file, URL, or `image0.jpg` for pictures from memory, as Ultralytics names them
    std::optional<std::int64_t> frame;        ///< 1-based frame number of a video or stream
    std::shared_ptr<const ClassNames> names;  ///< shared by all results of a model
    std::vector<Box> boxes;                   ///< by descending score
    Speed speed;
    std::filesystem::path save_dir;  ///< the run folder; empty if nothing is saved

    /// A copy of the picture with boxes and labels drawn on it. @throws Error InvalidArgument without a picture
    Image plot(const PlotArgs& args = {}) const;

    /// Writes `plot()` as JPEG or PNG, by the suffix of `file`. @throws Error InvalidArgument, IoFailure
    void save(const std::filesystem::path& file, const PlotArgs& args = {}) const;

    /// The classes and counts as Ultralytics prints them: `4 persons, 1 bus, ` or `(no detections), `.
    std::string verbose() const;

    /// Appends lines `cls cx cy w h [conf]`, normalised by the size of the picture; writes nothing without detections.
    /// @throws Error IoFailure
    void save_txt(const std::filesystem::path& file, bool save_conf = false) const;

    /// Writes each detection, enlarged by 2 % and 10 px, to `folder/<class name>/<file_stem>.jpg`.
    /// @throws Error InvalidArgument without a picture, IoFailure
    void save_crop(const std::filesystem::path& folder, const std::string& file_stem) const;

    /// One line of JSON: `{"path", ["frame"], "shape": [h, w], "input_shape": [h, w], "detections": [{"name", "class",
    /// "confidence", "box": {"x1", "y1", "x2", "y2"}}], "speed": {"preprocess", "inference", "postprocess"}}`;
    /// `detections` has the fields of Ultralytics' `summary()`, rounded to `decimals`; `normalize` divides boxes by the
    /// size.
    std::string to_json(bool normalize = false, int decimals = 5) const;
};

}  // namespace yolovino
