#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "yolovino/args.hpp"

#include "runtime/openvino/import/frontends.hpp"

namespace yolovino::engine {

/// The graph in the folder of a SavedModel.
inline constexpr const char* kSavedModelFile = "saved_model.pb";

/// Where X2Paddle, and with it Ultralytics, puts program and weights in the exported folder.
inline constexpr const char* kPaddleProgramFolder = "inference_model";

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
    Keras,
    Remote  ///< no file: `http://host:8000/NAME`, a model of a server
};

/// What is known of a kind of file.
struct FormatRow {
    ModelFormat format;
    std::string_view name;  ///< `saved_model`, as Ultralytics calls it
    std::string_view text;  ///< `TensorFlow model`, as messages call it
    runtime::Framework framework;
    bool import_only;  ///< comes from a framework that is not run itself
    Runtime default_runtime;
};

const FormatRow& row_of(ModelFormat format);

/// Whether a model is named by an address, `http://host:8000/NAME`, instead of a file.
bool is_remote(const std::filesystem::path& path);

/// By the name, and for folders by what is in them; what is no other kind is read as a checkpoint.
ModelFormat format_of(const std::filesystem::path& path);

/// The import-only kind of a file or folder; nothing if it is another kind.
std::optional<ModelFormat> import_format(const std::filesystem::path& path);

/// Whether a file of this kind comes from a framework that is not run itself.
bool is_import_only(ModelFormat format);

runtime::Framework framework_of(ModelFormat format);

/// `saved_model`, `pb`, `tflite`, `paddle`, as Ultralytics calls them; `caffe`, `keras`.
std::string_view name_of(ModelFormat format);

/// The program of a Paddle model for its folder, its weights, or the program itself; nothing if it is missing.
std::optional<std::filesystem::path> paddle_program(const std::filesystem::path& path);

}  // namespace yolovino::engine
