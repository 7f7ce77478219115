#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "yolovino/devices.hpp"
#include "yolovino/quantization.hpp"

namespace yolovino::cli {

/// The tables of `quantization.json`, for people.
/// @param layers of the compiled network; empty: the column of what the device computes in is left out
std::string quantization_page(const QuantizationInfo& info, const std::vector<LayerPrecision>& layers);

/// Whether the layers say where they run: on a combination such as HETERO.
bool have_devices(const std::vector<LayerPrecision>& layers);

/// The layers of a compiled network that is not quantized.
std::string layers_page(const std::vector<LayerPrecision>& layers);

nlohmann::ordered_json quantization_json(const QuantizationInfo& info);
nlohmann::ordered_json layer_json(const LayerPrecision& layer);

}  // namespace yolovino::cli
