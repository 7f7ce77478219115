#include "engine/model/import_files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "engine/model/format.hpp"
#include "metadata/graph_def_file.hpp"
#include "metadata/syntax.hpp"
#include "metadata/tflite_file.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxMetadataBytes = 4U << 20U;

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

fs::path import_input_path(const fs::path& path, ModelFormat format) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) throw Error(ErrorCode::NotFound, "import", "no such file", {.file = path.string()});
    if (format == ModelFormat::SavedModel) {
        const fs::path folder = base::is_folder(path) ? path : fs::absolute(path).parent_path();
        return folder.has_filename() ? folder : folder.parent_path();
    }
    if (format != ModelFormat::Paddle) return path;
    const std::optional<fs::path> program = paddle_program(path);
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

std::optional<metadata::Value> import_metadata(const fs::path& file, ModelFormat format, std::string& source) {
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

std::string import_stem(const fs::path& file) {
    constexpr std::array<std::string_view, 3> kEndings = {"_saved_model", "_paddle_model", "_openvino_model"};
    const auto without = [&](std::string name) {
        for (const std::string_view ending : kEndings) {
            if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
        }
        return name;
    };
    return without(base::is_folder(file) ? file.filename().string() : file.stem().string());
}

}  // namespace yolovino::engine
