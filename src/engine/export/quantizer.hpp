#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/export_args.hpp"
#include "yolovino/quantization.hpp"

#include "engine/model/loaded_model.hpp"
#include "quantize/codes.hpp"
#include "tasks/task.hpp"

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

/// Calibrates a float network on the images of `args.data` and cuts it to 8 bits; makes sure that the CPU runs all of
/// its convolutions in 8 bits, where it can. Nothing is written.
/// @param imgsz  size of the network's input during calibration
/// @param task of the network, which prepares the images
/// @param form of the network; classes are 0 if unknown
/// @param written the same network with more behind it, which is returned in 8 bits instead; may be null
/// @throws Error NotFound, CorruptFile, InvalidArgument, UnsupportedModel, RuntimeFailure
QuantizedExport quantize(const std::shared_ptr<const ov::Model>& model, const ExportArgs& args, ImageSize imgsz,
                         const tasks::Task& task, const tasks::NetworkForm& form,
                         const std::shared_ptr<const ov::Model>& written = nullptr);

/// Writes a trial with the codes and reads it back.
using WriteCodes = std::function<std::shared_ptr<ov::Model>(const quantize::Codes& codes)>;

/// As quantize(), for a format that spells codes out; `write` is called once, with the codes of the result, and what it
/// returns is compared with the float network.
/// @param model lowered from a graph
/// @throws Error as quantize(), and what `write` throws
QuantizationInfo quantize_codes(const std::shared_ptr<const ov::Model>& model, const ExportArgs& args, ImageSize imgsz,
                                const tasks::Task& task, const tasks::NetworkForm& form, const WriteCodes& write);

/// Where the report of an 8-bit ONNX file lies: `X_int8.quantization.json`.
std::filesystem::path report_beside(const std::filesystem::path& onnx);

/// As Model::quantization and Model::layer_precisions.
std::optional<QuantizationInfo> read_quantization(const LoadedModel& model);
std::vector<LayerPrecision> layer_precisions(const LoadedModel& model, const std::string& device);

}  // namespace yolovino::engine
