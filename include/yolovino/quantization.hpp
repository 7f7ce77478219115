#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/types.hpp"

namespace yolovino {

/// One tensor that is quantized to 8 bits: code `c` of 0 to 255 stands for `scale * (c - zero_point)`. Zero is exact.
struct QuantizedActivation {
    std::string name;     ///< node of the network whose output it is, by checkpoint path
    int group = 0;        ///< tensors of one group meet in a Concat and share scale and zero point
    double scale = 0;     ///< one step
    int zero_point = 0;   ///< 0 to 254
    double low = 0;       ///< value of code 0
    double high = 0;      ///< value of code 255
    double seen_low = 0;  ///< least value over all calibration images
    double seen_high = 0;
    double clipped = 0;  ///< share of the values beyond low and high, 0 to 1
    double noise = 0;    ///< root mean square of the rounding error over that of the values
};

/// One convolution with 8-bit weights, -127 to 127, symmetric, a scale for each output channel.
struct QuantizedConvolution {
    std::string name;       ///< as `float_layers` takes it: `2.cv1`
    std::string node;       ///< of the network: `model.2.cv1.conv.without_bias`
    int channels = 0;       ///< of the output
    double scale_low = 0;   ///< least scale of a channel
    double scale_high = 0;  ///< largest scale of a channel
    double noise = 0;       ///< as QuantizedActivation::noise; weights are not clipped
    /// Expected noise of the output from the rounding of weights and input, without that of earlier layers: an estimate
    /// that costs no inference.
    double output_noise = 0;
    std::optional<double> damage_without = {};  ///< damage if this layer were left in float; measured by `guard`
};

/// What the task finds with the 8-bit network against what it finds with the float network, above a score of 0.25: in
/// the units of the task, in pixels of the network's input. Unset is what the task does not have, or where nothing was
/// found by both.
struct ObjectDamage {
    std::size_t images = 0;
    /// Found by both: of one class, overlapping by an IoU of at least 0.5. Of classify images with the same most likely
    /// class.
    std::size_t matched = 0;
    std::size_t only_float = 0;              ///< found by the float network alone
    std::size_t only_int8 = 0;               ///< found by the 8-bit network alone
    std::optional<double> mask_iou = {};     ///< mean over the matched, as the next two
    std::optional<double> keypoint_px = {};  ///< of the largest distance of a keypoint
    std::optional<double> angle_deg = {};
    std::optional<double> probability = {};  ///< mean over the images of the largest change of a probability
};

/// How far the answer is from that of the float network, on anchors whose float score is above 0.1. Needs no labels.
struct QuantizationDamage {
    std::size_t images = 0;
    std::size_t anchors = 0;                   ///< 0: the network found nothing, the figures mean nothing
    double box_px = 0;                         ///< mean absolute change of cx, cy, w, h in model pixels
    double score = 0;                          ///< mean over anchors of the largest change of a class score
    std::optional<ObjectDamage> objects = {};  ///< of tasks that find more than boxes
    /// One figure for both, as `guard` compares them.
    double total() const noexcept { return box_px + score / 0.03; }
};

/// One image of the calibration.
struct CalibrationImage {
    std::string path;
    std::string sha256;
};

/// What `quantization.json` beside an 8-bit model says.
struct QuantizationInfo {
    std::string tool;    ///< `yolovino 0.2.0`
    std::string engine;  ///< version of OpenVINO that ran the calibration
    std::string method;  ///< `mse`
    std::string data;    ///< as it was given
    std::string split;
    ImageSize imgsz;
    std::size_t unreadable = 0;  ///< images that were left out
    std::string images_sha256;   ///< over the hashes of all images
    std::vector<CalibrationImage> images;
    /// Convolutions that were left in float on request, by `guard`, or because the format cannot compute them in 8
    /// bits.
    std::vector<std::string> float_layers;
    std::vector<QuantizedActivation> activations;
    std::vector<QuantizedConvolution> convolutions;
    QuantizationDamage damage;
};

}  // namespace yolovino
