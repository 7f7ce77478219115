#include "engine/foreign.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "base/folder.hpp"
#include "engine/format_table.hpp"
#include "metadata/graph_def_file.hpp"
#include "metadata/syntax.hpp"
#include "metadata/tflite_file.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxMetadataBytes = 4U << 20U;

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

/// Files in a folder with this suffix, by name. A folder that cannot be listed has none.
std::vector<fs::path> files_with(const fs::path& folder, std::string_view suffix) {
    std::vector<fs::path> found;
    std::error_code error;
    for (const std::string& name : base::folder_entries(folder, error)) {
        if (fs::path(name).extension() == suffix) found.push_back(folder / name);
    }
    return found;
}

/// A Paddle program has its weights beside it; nothing tells a `.json` of Paddle from others.
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
            if (const auto program = program_of(weights)) return program;
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

std::vector<fs::path> metadata_places(const fs::path& file, ModelFormat format) {
    const fs::path folder = file.parent_path();
    switch (format) {
        case ModelFormat::SavedModel:
            return {file};
        case ModelFormat::FrozenGraph:
            return {folder / (file.stem().string() + "_saved_model"), folder};
        case ModelFormat::Paddle:
            return {folder, folder / ".."};
        default:
            return {folder};
    }
}

}  // namespace

bool is_foreign(ModelFormat format) {
    return row_of(format).foreign;
}

std::optional<ModelFormat> foreign_format(const fs::path& path) {
    if (is_folder(path)) return files_with(path, ".xml").empty() ? format_of_folder(path) : std::nullopt;
    const fs::path suffix = path.extension();
    if (suffix == ".tflite") return ModelFormat::TfLite;
    if (suffix == ".pb") return belongs_to_saved_model(path) ? ModelFormat::SavedModel : ModelFormat::FrozenGraph;
    if (suffix == ".caffemodel" || suffix == ".prototxt") return ModelFormat::Caffe;
    if (suffix == ".keras" || suffix == ".h5" || suffix == ".hdf5") return ModelFormat::Keras;
    if (suffix == ".pdmodel" || suffix == ".pdiparams") return ModelFormat::Paddle;
    const bool program = suffix == ".json" && base::is_file(fs::path(path).replace_extension(".pdiparams"));
    return program ? std::optional(ModelFormat::Paddle) : std::nullopt;
}

fs::path foreign_file(const fs::path& path, ModelFormat format) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) throw Error(ErrorCode::NotFound, "import", "no such file", {.file = path.string()});
    if (format == ModelFormat::SavedModel) {
        const fs::path folder = is_folder(path) ? path : fs::absolute(path).parent_path();
        return folder.has_filename() ? folder : folder.parent_path();
    }
    if (format != ModelFormat::Paddle) return path;
    const std::optional<fs::path> program = is_folder(path)                    ? program_in(path)
                                            : path.extension() == ".pdiparams" ? program_of(path)
                                                                               : std::optional(path);
    if (!program) {
        throw Error(ErrorCode::NotFound, "import", "the program of the weights is missing", {.file = path.string()},
                    "a Paddle model is a .pdmodel with its .pdiparams");
    }
    if (const fs::path weights = fs::path(*program).replace_extension(".pdiparams"); !base::is_file(weights)) {
        throw Error(ErrorCode::NotFound, "import", "the weights of the program are missing", {.file = weights.string()},
                    "a Paddle model is a .pdmodel with its .pdiparams");
    }
    return *program;
}

std::optional<metadata::Value> foreign_metadata(const fs::path& file, ModelFormat format, std::string& source) {
    source = file.string();
    if (format == ModelFormat::FrozenGraph) metadata::check_graph_def(file);
    if (format == ModelFormat::SavedModel) metadata::check_saved_model(file / kSavedModelFile);
    if (format == ModelFormat::TfLite) {
        if (auto inside = metadata::read_tflite(file)) return inside;
    }
    for (const fs::path& place : metadata_places(file, format)) {
        const fs::path yaml = place / "metadata.yaml";
        if (!base::is_file(yaml)) continue;
        source = yaml.string();
        return metadata::parse_yaml(base::read_text_file(yaml, kMaxMetadataBytes), source);
    }
    return std::nullopt;
}

std::string foreign_stem(const fs::path& file) {
    constexpr std::array<std::string_view, 3> kEndings = {"_saved_model", "_paddle_model", "_openvino_model"};
    const auto without = [&](std::string name) {
        for (const std::string_view ending : kEndings) {
            if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
        }
        return name;
    };
    return without(is_folder(file) ? file.filename().string() : file.stem().string());
}

runtime::Framework framework_of(ModelFormat format) {
    return row_of(format).framework;
}

std::string_view name_of(ModelFormat format) {
    return row_of(format).name;
}

}  // namespace yolovino::engine
