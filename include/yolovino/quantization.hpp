#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/image.hpp"

namespace yolovino {

/// One tensor that is cut to 8 bits: code `c` of 0 to 255 stands for `scale * (c - zero_point)`. Zero is exact.
struct QuantizedActivation {
    std::string name;     ///< node of the network whose output it is, by checkpoint path
    int group = 0;        ///< tensors of one group meet in a Concat and share scale and zero point
    double scale = 0;     ///< one step
    int zero_point = 0;   ///< 0 to 254
    double low = 0;       ///< value of code 0
    double high = 0;      ///< value of code 255
    double seen_low = 0;  ///< least value over all calibration pictures
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

/// How far the answer is from that of the float network, on anchors whose float score is above 0.1. Needs no labels.
struct QuantizationDamage {
    std::size_t images = 0;
    std::size_t anchors = 0;  ///< 0: the network found nothing, the figures mean nothing
    double box_px = 0;        ///< mean absolute change of cx, cy, w, h in model pixels
    double score = 0;         ///< mean over anchors of the largest change of a class score
    /// One figure for both, as `guard` compares them.
    double total() const noexcept { return box_px + score / 0.03; }
};

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
    std::size_t unreadable = 0;  ///< pictures that were left out
    std::string images_sha256;   ///< over the hashes of all pictures
    std::vector<CalibrationImage> images;
    /// Convolutions that were left in float on wish, by `guard`, or because the format cannot compute them in 8 bits.
    std::vector<std::string> float_layers;
    std::vector<QuantizedActivation> activations;
    std::vector<QuantizedConvolution> convolutions;
    QuantizationDamage damage;
};

/// In which element type a device runs a layer.
struct LayerPrecision {
    std::string name;                      ///< of the layer in the compiled network
    std::string kind;                      ///< `Convolution`, `Concatenation`
    std::string precision;                 ///< `u8`, `bf16`, `f32`
    std::string primitive;                 ///< the device's name of the program that computes it
    std::vector<std::string> covers = {};  ///< nodes of the network that were fused into it
    std::string device = {};               ///< where it runs, if the network is split among devices
};

}  // namespace yolovino
