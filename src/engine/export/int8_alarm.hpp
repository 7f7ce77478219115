#pragma once

#include <filesystem>

#include "yolovino/export_args.hpp"

namespace yolovino::engine {

/// Validates the float and the 8-bit model on the labels of `data` and warns if mAP50-95 falls by more than `max_drop`.
/// @param args with `max_drop` and a dataset YAML as `data`
/// @throws Error as Model::val
void warn_of_drop(const std::filesystem::path& float_model, const std::filesystem::path& int8_model,
                  const ExportArgs& args, ImageSize imgsz);

}  // namespace yolovino::engine
