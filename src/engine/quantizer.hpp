#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/quantization.hpp"

#include "engine/model_state.hpp"

namespace ov {
class Model;
}

namespace yolovino::engine {

/// Name of the report beside an 8-bit model.
inline constexpr const char* kQuantizationFile = "quantization.json";

struct QuantizedExport {
    std::shared_ptr<ov::Model> model;
    QuantizationInfo info;
};

/// Calibrates a float network on the pictures of `args.data` and cuts it to 8 bits; makes sure that the CPU runs all of
/// its convolutions in 8 bits, where it can. Nothing is written.
/// @param imgsz size of the network's input during calibration
/// @throws Error NotFound, CorruptFile, InvalidArgument, UnsupportedModel, RuntimeFailure
QuantizedExport quantize(const std::shared_ptr<const ov::Model>& model, const ExportArgs& args, ImageSize imgsz);

/// As Model::quantization and Model::layer_precisions.
std::optional<QuantizationInfo> read_quantization(const Model::State& model);
std::vector<LayerPrecision> layer_precisions(const Model::State& model, const std::string& device);

}  // namespace yolovino::engine
