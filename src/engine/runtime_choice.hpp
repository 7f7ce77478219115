#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "yolovino/args.hpp"

namespace yolovino::engine {

/// The kinds of file that a Model can be.
enum class ModelFormat {
    Checkpoint,
    OpenVino,
    Onnx,
    TorchScript,
    SavedModel,
    FrozenGraph,
    TfLite,
    Paddle,
    Caffe,
    Keras
};

/// By the name, and for folders by what is in them; what is no other kind is read as a checkpoint.
ModelFormat format_of(const std::filesystem::path& path);

/// As logs and messages call it: `ONNX Runtime`.
std::string_view title_of(Runtime runtime);

struct RuntimeChoice {
    Runtime runtime = Runtime::OpenVino;  ///< never Auto
    std::string remark;                   ///< why it is not the usual one; empty otherwise
};

/// What runs a file of this format.
/// @throws Error InvalidArgument if the runtime that is asked for does not run such files
RuntimeChoice choose_runtime(ModelFormat format, Runtime asked, const std::filesystem::path& path);

}  // namespace yolovino::engine
