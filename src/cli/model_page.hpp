#pragma once

#include <optional>
#include <string>
#include <vector>

#include "yolovino/model.hpp"

namespace yolovino::cli {

/// What a model is, for people; `layer_table` adds Ultralytics' table of layers.
std::string model_page(const ModelInfo& info, bool layer_table);

/// The same for programs, with what is known of an 8-bit model and of the layers on a device.
std::string model_json(const ModelInfo& info, const std::optional<QuantizationInfo>& quantization = {},
                       const std::vector<LayerPrecision>& layers = {});

}  // namespace yolovino::cli
