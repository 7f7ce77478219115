#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace yolovino::metadata {

/// An input or output as the file declares it.
struct OnnxTensor {
    std::string name;
    std::int64_t element_type = 0;   ///< TensorProto.DataType: 1 is f32, 10 is f16
    bool ranked = false;             ///< whether the file gives a shape
    std::vector<std::int64_t> dims;  ///< -1 where dynamic
};

/// What an ONNX file says of itself, without its nodes and weights.
struct OnnxFile {
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<OnnxTensor> inputs;
    std::vector<OnnxTensor> outputs;
};

/// Walks over the fields of the file; weights are skipped, nothing needs ONNX or protobuf.
/// @throws Error NotFound, UnsupportedFile for another kind of file, CorruptFile, LimitExceeded
OnnxFile read_onnx(const std::filesystem::path& path);

}  // namespace yolovino::metadata
