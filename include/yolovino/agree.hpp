#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "yolovino/runtime_options.hpp"
#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// One of the two that `agree` compares. The defaults are defined here.
struct AgreeSide {
    std::string model = {};  ///< checkpoint or exported model
    /// `pytorch` for the checkpoint itself, or a name of `export_formats()`: the checkpoint is exported into a
    /// temporary folder. Empty: the model as it is.
    std::string format = {};
    RuntimeOptions runtime = {};  ///< `half` asks for 16-bit weights of an export, too

    friend bool operator==(const AgreeSide&, const AgreeSide&) = default;
};

/// Options of `agree`. The defaults are defined here.
struct AgreeArgs {
    std::array<AgreeSide, 2> sides = {};
    std::string source = {};              ///< as `Model::predict` takes it
    std::optional<ImageSize> imgsz = {};  ///< as PredictArgs::imgsz
    double conf = 0.25;                   ///< compare detections with a score above this, 0 to 1
    std::filesystem::path data = {};      ///< dataset YAML for the difference of mAP; empty: not measured
    double tolerance_box = 3;             ///< pixels of the image, at least 0
    double tolerance_score = 0.05;        ///< also how far above `conf` a detection must be to be missed, 0 to 1
    double tolerance_mask = 0.1;          ///< of 1 - IoU of two masks, 0 to 1
    double tolerance_keypoint = 3;        ///< pixels of the image, at least 0
    double tolerance_angle = 2;           ///< degrees, 0 to 90
    double tolerance_map = 0.01;          ///< of mAP50-95, 0 to 1
};

/// How far the networks' outputs are apart before suppression, for the same letterboxed images: over all anchors,
/// also those that become no detection. Detections near `conf` come and go; these numbers show what really moved.
struct RawOutputDiff {
    double max_box_px = 0;  ///< of cx, cy, width, and height, in pixels of the network's input
    double mean_box_px = 0;
    double max_score = 0;  ///< of the scores of all classes, and of the visibility of keypoints
    double mean_score = 0;
    double max_other = 0;  ///< of what is neither: coefficients and prototypes of masks, angles in radians
    double mean_other = 0;
    std::size_t not_finite = 0;  ///< differences that are infinite or no number; left out above
};

/// A difference over all matched objects.
struct Spread {
    double largest = 0;
    double mean = 0;
};

/// How far two sides are apart.
struct Agreement {
    std::string first;  ///< what was compared, in words
    std::string second;
    std::string first_ran = {};  ///< device and precision that it really ran in, as `CPU in bf16`
    std::string second_ran = {};
    std::size_t images = 0;
    /// Detections of one class that overlap by an IoU of at least 0.5; classify: images with the same most likely class
    std::size_t matched = 0;
    std::size_t unmatched_first = 0;  ///< detections that only one side has
    std::size_t unmatched_second = 0;
    std::size_t missed = 0;  ///< those of them that are not just at the threshold
    double max_box_px = 0;   ///< over matched detections, of a corner, in pixels of the image
    double mean_box_px = 0;
    double max_score = 0;  ///< classify: of the probabilities of all classes
    double mean_score = 0;
    std::optional<Spread> mask = {};         ///< segment: 1 - IoU of the masks
    std::optional<Spread> keypoint_px = {};  ///< pose: the largest distance of a keypoint, in pixels of the image
    std::optional<Spread> angle_deg = {};    ///< obb: modulo what turns a box into itself
    std::string worst;                       ///< the image with the largest difference of a box
    std::optional<RawOutputDiff> raw = {};   ///< has no tolerance, but what is not finite does not agree
    std::string raw_missing = {};            ///< why there is none: the sides' inputs or outputs differ in shape
    std::optional<double> map_first = {};    ///< mAP50-95, with `data`
    std::optional<double> map_second = {};
    bool agrees = false;  ///< nothing is missed and no difference is above its tolerance

    /// One object with the fields above.
    YOLOVINO_API std::string to_json() const;
};

/// Runs the same images through both sides and compares what they find. Each image is read once; both letterbox to
/// the whole size. A warning is logged if neither finds anything, if both ran in the same precision though different
/// ones were requested, and if they ran in different ones though none was.
/// @throws Error InvalidArgument if both sides are the same, or there is a format for what is no checkpoint;
/// RuntimeFailure if a side fails on an image; NotFound, IoFailure, UnsupportedFile, CorruptFile, LimitExceeded,
/// UnsupportedModel, ShapeMismatch, DeviceUnavailable, NetworkFailure, MissingComponent
YOLOVINO_API Agreement agree(const AgreeArgs& args);

}  // namespace yolovino
