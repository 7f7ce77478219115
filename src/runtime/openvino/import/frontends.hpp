#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Where a network comes from: OpenVINO's readers take all but Caffe's and Keras'.
enum class Framework { OpenVino, Onnx, TensorFlow, TfLite, Paddle, Caffe, Keras };

/// As messages call it: `TensorFlow Lite`.
std::string_view title_of(Framework framework);

/// Reads a file with the reader for that framework, and with no other.
/// @throws Error NotFound, UnsupportedFile, CorruptFile, UnsupportedModel that names the operation, MissingComponent
std::shared_ptr<ov::Model> read_framework(const std::filesystem::path& file, Framework framework);

}  // namespace yolovino::runtime
