#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/model/format.hpp"
#include "metadata/value.hpp"

namespace yolovino::engine {

/// What the reader takes: for a SavedModel the folder, for Paddle the program in or beside what was given.
/// @throws Error NotFound
std::filesystem::path import_input_path(const std::filesystem::path& path, ModelFormat format);

/// The metadata in the file or in the metadata.yaml where Ultralytics puts it. @param source set to the file it stands
/// in
/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile
std::optional<metadata::Value> import_metadata(const std::filesystem::path& file, ModelFormat format,
                                               std::string& source);

/// Name without what exporters append: `yolov8n_saved_model` gives `yolov8n`.
std::string import_stem(const std::filesystem::path& file);

}  // namespace yolovino::engine
