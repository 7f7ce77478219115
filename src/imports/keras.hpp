#pragma once

#include <filesystem>

#include "imports/layers.hpp"

namespace yolovino::imports {

/// Reads a functional or sequential model of Keras: `.keras` (an archive), `.h5` and `.hdf5` (saved whole). Each
/// layer's config is what Keras wrote, its call the arguments; tensors among them are the layer's inputs in that
/// order. Names of tensors are `layer:call:port`. A type beginning
/// with `ops.` is a bare operation, not a layer.
/// @throws Error NotFound, CorruptFile, UnsupportedFile, UnsupportedModel, LimitExceeded, MissingComponent
LayerList read_keras(const std::filesystem::path& file);

/// Whether the value of an argument stands for a tensor.
bool is_keras_tensor(const nlohmann::json& value);

}  // namespace yolovino::imports
