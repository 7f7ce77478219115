#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/export.hpp"

namespace yolovino {

/// Options of `agree`. The lists hold one value for both sides, or one for each. The defaults stand here.
struct AgreeArgs {
    std::vector<std::string> model = {};    ///< checkpoints or exported models
    std::string source = {};                ///< as `Model::predict` takes it
    std::vector<std::string> device = {};   ///< as PredictArgs::device
    std::vector<std::string> runtime = {};  ///< `auto`, `openvino`, `onnxruntime`, `libtorch`
    /// `pytorch` for the checkpoint itself, or a name of `export_formats()`: the checkpoint is exported into a
    /// temporary folder. Empty: the models as they are.
    std::vector<std::string> format = {};
    std::vector<std::string> precision = {};  ///< `auto`, `f32`, `bf16`, `f16`
    bool half = false;  ///< ask for 16-bit inference, and for an export 16-bit weights, on the second side
    std::optional<ImageSize> imgsz = {};  ///< as PredictArgs::imgsz
    double conf = 0.25;                   ///< compare detections with a score above this
    std::filesystem::path data = {};      ///< dataset YAML for the difference of mAP; empty: not measured
    double tolerance_box = 3;             ///< pixels of the picture
    double tolerance_score = 0.05;        ///< also how far above `conf` a detection must be to be missed
    double tolerance_map = 0.01;          ///< of mAP50-95
};

/// How far the networks' outputs are apart before suppression, for the same letterboxed pictures: over all anchors,
/// also those that become no detection. Detections near `conf` come and go; these numbers tell what really moved.
struct RawDrift {
    double max_box_px = 0;  ///< of cx, cy, width, and height, in pixels of the network's input
    double mean_box_px = 0;
    double max_score = 0;  ///< of the scores of all classes
    double mean_score = 0;
    std::size_t not_finite = 0;  ///< differences that are infinite or no number; left out above
};

/// How far two sides are apart.
struct Agreement {
    std::string first;  ///< what was compared, in words
    std::string second;
    std::string first_ran = {};  ///< device and precision that it really ran in, as `CPU in bf16`
    std::string second_ran = {};
    std::size_t images = 0;
    std::size_t matched = 0;          ///< detections of one class that overlap by an IoU of at least 0.5
    std::size_t unmatched_first = 0;  ///< detections that only one side has
    std::size_t unmatched_second = 0;
    std::size_t missed = 0;  ///< those of them that are not just at the threshold
    double max_box_px = 0;   ///< over matched detections, of a corner, in pixels of the picture
    double mean_box_px = 0;
    double max_score = 0;
    double mean_score = 0;
    std::string worst;                     ///< the picture with the largest difference of a box
    std::optional<RawDrift> raw = {};      ///< has no tolerance, but what is not finite does not agree
    std::string raw_missing = {};          ///< why there is none: the sides' inputs or outputs differ in shape
    std::optional<double> map_first = {};  ///< mAP50-95, with `data`
    std::optional<double> map_second = {};
    bool agrees = false;  ///< nothing is missed and no difference is above its tolerance

    /// One object with the fields above. Does not throw.
    YOLOVINO_API std::string to_json() const;
};

/// Runs the same pictures through both sides and compares what they find. Each picture is read once; both letterbox to
/// the whole size. A warning is logged if neither finds anything, if both ran in the same precision though different
/// ones were asked, and if they ran in different ones though none was.
/// @throws Error InvalidArgument if both sides are the same, a list is longer than two, or there is a format for what
/// is no checkpoint; RuntimeFailure if a side fails on a picture; as Model, Model::export_to, Model::predict,
/// Model::val
YOLOVINO_API Agreement agree(const AgreeArgs& args);

}  // namespace yolovino
