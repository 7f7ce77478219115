#pragma once

#include <string>

#include "yolovino/quantization.hpp"

namespace yolovino::quantize {

/// The text of `quantization.json`.
std::string to_json(const QuantizationInfo& info);

/// @param file for messages. @throws Error CorruptFile
QuantizationInfo parse_json(const std::string& text, const std::string& file);

}  // namespace yolovino::quantize
