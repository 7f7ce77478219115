#pragma once

#include <filesystem>

#include "graph/graph.hpp"
#include "quantize/codes.hpp"
#include "writers/metadata.hpp"

namespace yolovino::writers::onnx {

inline constexpr int kMinOpset = 11;
inline constexpr int kMaxOpset = 20;
inline constexpr int kDefaultOpset = 18;  ///< Ultralytics' with current PyTorch

inline constexpr int kMinCodesOpset = 13;  ///< the first with a scale for each channel

struct Options {
    int opset = kDefaultOpset;
    const quantize::Codes* codes = nullptr;  ///< null: a network in floats
};

/// What the onnx module exports under the name `yolovino_write_onnx`; `path` is a temporary name.
using WriteFunction = void (*)(const graph::Graph& graph, const Metadata& metadata, const Options& options,
                               const std::filesystem::path& path);

/// Writes the graph as one `.onnx` file: input `images`, output `output0`, both f32 also where `metadata.half` stores
/// and computes the rest in f16. With codes each of their tensors passes a QuantizeLinear and a DequantizeLinear, from
/// which runtimes make 8-bit operators. The file gets its name after ONNX's checker and shape inference have passed it.
/// @throws Error InvalidArgument for an opset out of range, LimitExceeded above 2 GiB, RuntimeFailure with the
/// checker's reason, MissingComponent without the module, IoFailure
void write_file(const graph::Graph& graph, const Metadata& metadata, const Options& options,
                const std::filesystem::path& path);

/// Version of the ONNX library that checks the files.
const char* library_version() noexcept;

}  // namespace yolovino::writers::onnx
