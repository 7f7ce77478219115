#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yolovino/quantization.hpp"

#include "quantize/damage.hpp"
#include "quantize/range.hpp"
#include "writers/codes.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// The network of a file as it stands there. @throws Error NotFound, CorruptFile, UnsupportedFile
std::shared_ptr<ov::Model> read_openvino(const std::filesystem::path& file);

/// A network that computes in 16-bit floats, as one that computes in f32; any other as it is. @throws Error
/// RuntimeFailure
std::shared_ptr<const ov::Model> widened(std::shared_ptr<const ov::Model> model);

/// Pictures for a network, made when they are needed: memory does not grow with their number.
struct CalibrationInput {
    ImageSize size;          ///< of the network's input
    std::size_t images = 0;  ///< number of pictures
    /// Fills `[3, height, width]`, f32 RGB 0 to 1, with picture `index`; false if that cannot be read. Is called from
    /// several threads at once, and again for later passes.
    std::function<bool(std::size_t index, std::span<float> tensor)> fill;
};

/// What a float network did on the pictures.
struct Calibration {
    std::vector<quantize::ActivationStatistics> statistics;  ///< of all points, see writers/openvino/placement.hpp
    std::vector<std::size_t> used;                           ///< pictures that could be read
    std::vector<std::size_t> sample;                         ///< every fourth of them
    std::vector<quantize::ConfidentAnchors> answers;         ///< of the network for each of `sample`
};

/// Runs the float network over all pictures for the extremes of each point, and over a sample for the histograms.
/// The result does not depend on the number of threads: each picture is computed by one.
/// @throws Error CorruptFile if no picture can be read or values are NaN, InvalidArgument if a tensor never changes,
/// RuntimeFailure
Calibration calibrate(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                      writers::Reach reach = writers::Reach::Inputs);

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

/// Whether the CPU computes convolutions in 8 bits at all.
bool cpu_has_int8();

}  // namespace yolovino::runtime
