#pragma once

#include <filesystem>

#include "yolovino/args.hpp"

#include "engine/model/loaded_model.hpp"

namespace yolovino::engine {

/// Writes a model in the requested format, by the path for its own format. @throws Error as Model::export_to
std::filesystem::path export_model(const LoadedModel& model, const ExportArgs& args);

}  // namespace yolovino::engine
