#pragma once

#include <filesystem>
#include <string_view>

#include "imports/layers.hpp"

namespace yolovino::imports {

/// Reads `X.prototxt` (layers) and `X.caffemodel` (weights). Each layer's config is its message in Caffe's JSON
/// spelling: `{"convolution_param": {"num_output": 16, "kernel_size": [3]}}`. Layers of the training phase are left
/// out.
/// @param file either of the two; the other is beside it
/// @throws Error NotFound, CorruptFile with the line of the text, UnsupportedFile, LimitExceeded, MissingComponent
LayerList read_caffe(const std::filesystem::path& file);

/// What the module `yolovino-caffe.so` exports as `yolovino_read_caffe`.
/// `remark` gets what the parser wondered at: a module has no log of its own.
using ReadCaffeFunction = void (*)(const std::filesystem::path& prototxt, const std::filesystem::path& weights,
                                   LayerList& into, void (*remark)(std::string_view line));

}  // namespace yolovino::imports
