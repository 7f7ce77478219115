#include "engine/model/format.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/folder.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

using runtime::Framework;

/// In the order of ModelFormat.
constexpr std::array<FormatRow, 11> kRows = {{
    {ModelFormat::Checkpoint, "pytorch", "checkpoint", Framework::OpenVino, false, Runtime::OpenVino},
    {ModelFormat::OpenVino, "openvino", "OpenVINO model", Framework::OpenVino, false, Runtime::OpenVino},
    {ModelFormat::Onnx, "onnx", "ONNX model", Framework::Onnx, false, Runtime::OnnxRuntime},
    {ModelFormat::TorchScript, "torchscript", "TorchScript archive", Framework::OpenVino, false, Runtime::LibTorch},
    {ModelFormat::SavedModel, "saved_model", "TensorFlow model", Framework::TensorFlow, true, Runtime::OpenVino},
    {ModelFormat::FrozenGraph, "pb", "TensorFlow model", Framework::TensorFlow, true, Runtime::OpenVino},
    {ModelFormat::TfLite, "tflite", "TensorFlow Lite model", Framework::TfLite, true, Runtime::OpenVino},
    {ModelFormat::Paddle, "paddle", "PaddlePaddle model", Framework::Paddle, true, Runtime::OpenVino},
    {ModelFormat::Caffe, "caffe", "Caffe model", Framework::Caffe, true, Runtime::OpenVino},
    {ModelFormat::Keras, "keras", "Keras model", Framework::Keras, true, Runtime::OpenVino},
    {ModelFormat::Remote, "remote", "model of a server", Framework::OpenVino, false, Runtime::Remote},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].format != static_cast<ModelFormat>(i)) return false;
    }
    return true;
}
static_assert(in_order() && static_cast<std::size_t>(ModelFormat::Remote) + 1 == kRows.size());

/// Files in a folder with this suffix, by name. A folder that cannot be listed has none.
std::vector<fs::path> files_with(const fs::path& folder, std::string_view suffix) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const std::string& name : base::folder_entries(folder, error)) {
        if (fs::path(name).extension() == suffix) found.push_back(folder / name);
    }
    return found;
}

/// A Paddle program has its weights beside it; nothing distinguishes a `.json` of Paddle from others.
std::optional<fs::path> program_of(const fs::path& weights) {
    for (const char* suffix : {".json", ".pdmodel"}) {
        const fs::path program = fs::path(weights).replace_extension(suffix);
        if (base::is_file(program)) return program;
    }
    return std::nullopt;
}

std::optional<fs::path> program_in(const fs::path& folder) {
    for (const fs::path& place : {folder, folder / kPaddleProgramFolder}) {
        for (const fs::path& weights : files_with(place, ".pdiparams")) {
            if (auto program = program_of(weights)) return program;
        }
        if (const std::vector<fs::path> programs = files_with(place, ".pdmodel"); !programs.empty())
            return programs.front();
    }
    return std::nullopt;
}

std::optional<ModelFormat> format_of_folder(const fs::path& folder) {
    if (base::is_file(folder / kSavedModelFile)) return ModelFormat::SavedModel;
    if (program_in(folder)) return ModelFormat::Paddle;
    return std::nullopt;
}

/// A SavedModel has its variables beside it.
bool belongs_to_saved_model(const fs::path& file) {
    return file.filename() == kSavedModelFile;
}

}  // namespace

const FormatRow& row_of(ModelFormat format) {
    return kRows.at(static_cast<std::size_t>(format));
}

bool is_remote(const fs::path& path) {
    return path.native().starts_with("http://") || path.native().starts_with("https://");
}

ModelFormat format_of(const std::filesystem::path& path) {
    if (is_remote(path)) return ModelFormat::Remote;
    if (const auto import_only = import_format(path)) return *import_only;
    if (std::filesystem::is_directory(path) || path.extension() == ".xml") return ModelFormat::OpenVino;
    if (path.extension() == ".onnx") return ModelFormat::Onnx;
    if (path.extension() == ".torchscript") return ModelFormat::TorchScript;
    return ModelFormat::Checkpoint;
}

std::optional<ModelFormat> import_format(const fs::path& path) {
    if (base::is_folder(path)) return files_with(path, ".xml").empty() ? format_of_folder(path) : std::nullopt;
    const fs::path suffix = path.extension();
    if (suffix == ".tflite") return ModelFormat::TfLite;
    if (suffix == ".pb") return belongs_to_saved_model(path) ? ModelFormat::SavedModel : ModelFormat::FrozenGraph;
    if (suffix == ".caffemodel" || suffix == ".prototxt") return ModelFormat::Caffe;
    if (suffix == ".keras" || suffix == ".h5" || suffix == ".hdf5") return ModelFormat::Keras;
    if (suffix == ".pdmodel" || suffix == ".pdiparams") return ModelFormat::Paddle;
    const bool program = suffix == ".json" && base::is_file(fs::path(path).replace_extension(".pdiparams"));
    return program ? std::optional(ModelFormat::Paddle) : std::nullopt;
}

bool is_import_only(ModelFormat format) {
    return row_of(format).import_only;
}

runtime::Framework framework_of(ModelFormat format) {
    return row_of(format).framework;
}

std::string_view name_of(ModelFormat format) {
    return row_of(format).name;
}

std::optional<fs::path> paddle_program(const fs::path& path) {
    if (base::is_folder(path)) return program_in(path);
    return path.extension() == ".pdiparams" ? program_of(path) : std::optional(path);
}

}  // namespace yolovino::engine
