#pragma once

#include <filesystem>
#include <optional>

#include "metadata/value.hpp"

namespace yolovino::metadata {

/// The metadata of a TensorFlow Lite file: a ZIP archive behind the network with `metadata.json`, or, as older
/// exporters wrote it, with one text that is a Python dict. Nothing if absent.
/// @throws Error NotFound, UnsupportedFile for another kind of file, CorruptFile, LimitExceeded
std::optional<Value> read_tflite(const std::filesystem::path& path);

}  // namespace yolovino::metadata
