#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/quantization.hpp"

#include "quantize/codes.hpp"
#include "quantize/damage.hpp"
#include "quantize/range.hpp"
#include "tensors/outputs.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Images for a network, made when they are needed: memory does not grow with their number.
struct CalibrationInput {
    ImageSize size;          ///< of the network's input
    std::size_t images = 0;  ///< number of images
    /// Fills `[3, height, width]`, f32 RGB 0 to 1, with image `index`; false if that cannot be read. Is called from
    /// several threads at once, and again for later passes.
    std::function<bool(std::size_t index, std::span<float> tensor)> fill;
    quantize::ComparedRows compared = {};  ///< of the first output
};

/// What a float network did on the images.
struct Calibration {
    std::vector<quantize::ActivationStatistics> statistics;  ///< of all points, see openvino/placement.hpp
    std::vector<std::size_t> used;                           ///< images that could be read
    std::vector<std::size_t> sample;                         ///< every fourth of them
    std::vector<quantize::ConfidentAnchors> answers;         ///< of the network for each of `sample`
};

/// Runs the float network over all images for the extremes of each point, and over a sample for the histograms.
/// The result does not depend on the number of threads: each image is computed by one.
/// @throws Error CorruptFile if no image can be read or values are NaN, InvalidArgument if a tensor never changes,
/// RuntimeFailure
Calibration calibrate(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                      quantize::Reach reach = quantize::Reach::Inputs);

/// What became of a network in 8 bits.
struct QuantizedTrial {
    QuantizationDamage damage;
    std::vector<LayerPrecision> layers;
};

/// Compiles the network for the CPU and compares its answers with those of the float network.
/// @param quiet report no progress
/// @throws Error RuntimeFailure
QuantizedTrial try_quantized(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                             const Calibration& calibration, bool quiet = false);

/// Takes what a network gives for one image of a list. The outputs are valid during the call.
using UseOutputs = std::function<void(std::size_t position, const tensors::Outputs& outputs)>;

/// Runs a network on the images of `input` that `images` lists; `use` is called from several threads at once, and not
/// for an image that cannot be read.
/// @throws Error RuntimeFailure, and what `use` throws
void run_images(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                std::span<const std::size_t> images, const UseOutputs& use);

/// Whether the CPU computes convolutions in 8 bits at all.
bool cpu_has_int8();

}  // namespace yolovino::runtime
