#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/keypoints.hpp"
#include "yolovino/masks.hpp"
#include "yolovino/plot_args.hpp"
#include "yolovino/probs.hpp"
#include "yolovino/rotated_box.hpp"
#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// What was found in one image or video frame.
class YOLOVINO_API Results {
public:
    Image orig_img;         ///< the image as decoded
    ImageSize orig_shape;   ///< its size
    ImageSize input_shape;  ///< height and width of the network's input
    std::string path;       ///< file, URL, or `image0.jpg` for images from memory, as Ultralytics names them
    std::optional<std::int64_t> frame;        ///< 1-based frame number of a video or stream
    std::shared_ptr<const ClassNames> names;  ///< shared by all results of a model
    /// By descending score, of a tracker in its order; empty where `obb` or `probs` hold what was found.
    std::vector<Box> boxes;
    std::optional<Masks> masks;                  ///< segment, if anything was found: of each box
    std::optional<Keypoints> keypoints;          ///< pose: of each box
    std::optional<std::vector<RotatedBox>> obb;  ///< obb, in the same order
    std::optional<Probs> probs;                  ///< classify
    /// What `PredictArgs::embed` asks for; nothing was looked for then.
    std::optional<std::vector<float>> embedding;
    Speed speed;
    std::filesystem::path save_dir;  ///< the run folder; empty if nothing is saved
    std::string task = "detect";     ///< what was looked for: it says what is drawn and written
    std::string error = {};  ///< why the image has no results, with `PredictArgs::error_results`; empty if it has

    /// A copy of the image with boxes and labels drawn on it. @throws Error InvalidArgument without an image
    Image plot(const PlotArgs& args = {}) const;

    /// Writes `plot()` as JPEG or PNG, by the suffix of `file`. @throws Error InvalidArgument, IoFailure
    void save(const std::filesystem::path& file, const PlotArgs& args = {}) const;

    /// These objects alone with all that belongs to them, in this order; one may come several times.
    /// @throws Error InvalidArgument if there is no such object
    Results select(std::span<const std::size_t> objects) const;

    /// The classes and counts as Ultralytics prints them: `4 persons, 1 bus, ` or `(no detections), `.
    std::string verbose() const;

    /// Whether a tracker gave the objects ids; false where it reported none and the detections stand for themselves.
    bool is_track() const noexcept;

    /// Appends one line for each object, normalised by the size of the image; writes nothing without objects. Detect:
    /// `cls cx cy w h [conf] [id]`; segment: `cls x1 y1 x2 y2 … [conf] [id]`, the outline of the mask; pose: `cls cx cy
    /// w h`, the numbers of each keypoint, and `[conf] [id]`; obb: `cls x1 y1 … x4 y4 [conf] [id]`. Classify:
    /// `probability name` of the five most likely classes.
    /// @throws Error IoFailure
    void save_txt(const std::filesystem::path& file, bool save_conf = false) const;

    /// Writes each object, enlarged by 2 % and 10 px, to `folder/<class name>/<file_stem>.jpg`: of detect, segment, and
    /// pose the box, of obb the rotated box turned upright. Classify finds no objects and writes nothing.
    /// @throws Error InvalidArgument without an image, IoFailure
    void save_crop(const std::filesystem::path& folder, const std::string& file_stem) const;

    /// One line of JSON: `{"path", ["frame"], "shape": [h, w], "input_shape": [h, w], "detections": [{"name", "class",
    /// "confidence", "box": {"x1", "y1", "x2", "y2"}, ["track_id"]}], "speed": {"preprocess", "inference",
    /// "postprocess"}}`; `detections` has the fields of Ultralytics' `summary()`, rounded to `decimals`; `normalize`
    /// divides boxes, outlines, and keypoints by the size. Segment adds `"segments": {"x", "y"}`, the outline; pose
    /// `"keypoints": {"x", "y", "visible"}`; the `box` of obb goes on to `"x4", "y4"`; classify has no boxes. With an
    /// embedding `"embedding"` stands for `detections`. Of an image that failed: `{"path", "error"}`.
    std::string to_json(bool normalize = false, int decimals = 5) const;
};

}  // namespace yolovino
