#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/runtime_choice.hpp"
#include "metadata/value.hpp"
#include "runtime/import.hpp"

namespace yolovino::engine {

/// The graph in the folder of a SavedModel.
inline constexpr const char* kSavedModelFile = "saved_model.pb";

/// Where X2Paddle, and with it Ultralytics, puts program and weights in the exported folder.
inline constexpr const char* kPaddleProgramFolder = "inference_model";

/// Whether a file of this kind comes from a framework that is not run itself.
bool is_foreign(ModelFormat format);

/// The kind of a file or folder of another framework; nothing if it is none.
std::optional<ModelFormat> foreign_format(const std::filesystem::path& path);

/// What the reader takes: for a SavedModel the folder, for Paddle the program in or beside what was given.
/// @throws Error NotFound
std::filesystem::path foreign_file(const std::filesystem::path& path, ModelFormat format);

/// The metadata in the file or in the metadata.yaml where Ultralytics puts it. @param source set to the file it stands
/// in
/// @throws Error CorruptFile, LimitExceeded, UnsupportedFile
std::optional<metadata::Value> foreign_metadata(const std::filesystem::path& file, ModelFormat format,
                                                std::string& source);

/// Name without what exporters append: `yolov8n_saved_model` gives `yolov8n`.
std::string foreign_stem(const std::filesystem::path& file);

runtime::Framework framework_of(ModelFormat format);

/// `saved_model`, `pb`, `tflite`, `paddle`, as Ultralytics calls them; `caffe`, `keras`.
std::string_view name_of(ModelFormat format);

}  // namespace yolovino::engine
