#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "imports/layers.hpp"

namespace yolovino::imports {

/// Reads a functional or sequential model of Keras: `.keras` (an archive), `.h5` and `.hdf5` (saved whole). Each
/// layer's config is what Keras wrote, and under "args" the arguments of the call, under "kwargs" the named ones;
/// tensors among them are the layer's inputs in that order. Names of tensors are `layer:call:port`. A type beginning
/// with `ops.` is a bare operation, not a layer.
/// @throws Error NotFound, CorruptFile, UnsupportedFile, UnsupportedModel, LimitExceeded, MissingComponent
LayerList read_keras(const std::filesystem::path& file);

/// Whether the value of an argument stands for a tensor.
bool is_keras_tensor(const nlohmann::json& value);

/// Arrays and texts of an HDF5 file.
struct Hdf5Content {
    std::map<std::string, Array> arrays;                         ///< by path: `layers/conv2d/vars/0`
    std::map<std::string, std::vector<std::string>> attributes;  ///< texts by `path@name`; of the root `@name`
};

/// What the module `yolovino-hdf5.so` exports as `yolovino_read_hdf5`.
/// @param image the whole file. @param file for messages
/// @throws Error CorruptFile, UnsupportedFile, LimitExceeded
using ReadHdf5Function = void (*)(std::span<const std::byte> image, const std::string& file, Hdf5Content& into);

}  // namespace yolovino::imports
