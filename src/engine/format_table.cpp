#include "engine/format_table.hpp"

#include <array>
#include <cstddef>

namespace yolovino::engine {

namespace {

using runtime::Framework;

constexpr auto kNone = std::optional<Runtime>();

/// In the order of ModelFormat.
constexpr std::array<FormatRow, 10> kRows = {{
    {ModelFormat::Checkpoint, "pytorch", "checkpoint", Framework::OpenVino, false, Runtime::OpenVino,
     Runtime::LibTorch},
    {ModelFormat::OpenVino, "openvino", "OpenVINO model", Framework::OpenVino, false, Runtime::OpenVino, kNone},
    {ModelFormat::Onnx, "onnx", "ONNX model", Framework::Onnx, false, Runtime::OnnxRuntime, Runtime::OpenVino},
    {ModelFormat::TorchScript, "torchscript", "TorchScript archive", Framework::OpenVino, false, Runtime::LibTorch,
     kNone},
    {ModelFormat::SavedModel, "saved_model", "TensorFlow model", Framework::TensorFlow, true, Runtime::OpenVino, kNone},
    {ModelFormat::FrozenGraph, "pb", "TensorFlow model", Framework::TensorFlow, true, Runtime::OpenVino, kNone},
    {ModelFormat::TfLite, "tflite", "TensorFlow Lite model", Framework::TfLite, true, Runtime::OpenVino, kNone},
    {ModelFormat::Paddle, "paddle", "PaddlePaddle model", Framework::Paddle, true, Runtime::OpenVino, kNone},
    {ModelFormat::Caffe, "caffe", "Caffe model", Framework::Caffe, true, Runtime::OpenVino, kNone},
    {ModelFormat::Keras, "keras", "Keras model", Framework::Keras, true, Runtime::OpenVino, kNone},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].format != static_cast<ModelFormat>(i)) return false;
    }
    return true;
}
static_assert(in_order() && static_cast<std::size_t>(ModelFormat::Keras) + 1 == kRows.size());

}  // namespace

const FormatRow& row_of(ModelFormat format) {
    return kRows.at(static_cast<std::size_t>(format));
}

}  // namespace yolovino::engine
