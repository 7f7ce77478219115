#pragma once

#include <filesystem>

#include "engine/model/loaded_model.hpp"

namespace yolovino::engine {

/// Writes a model of another framework, an ONNX file, or a float OpenVINO model as an OpenVINO folder beside it.
/// @throws Error as Model::export_to
std::filesystem::path export_imported(const LoadedModel& model, const ExportArgs& args);

}  // namespace yolovino::engine
