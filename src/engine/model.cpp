#include "yolovino/model.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/folder.hpp"
#include "base/log.hpp"
#include "engine/class_names.hpp"
#include "engine/exporter.hpp"
#include "engine/foreign.hpp"
#include "engine/image_size.hpp"
#include "engine/importer.hpp"
#include "engine/model_info.hpp"
#include "engine/model_state.hpp"
#include "engine/predictor.hpp"
#include "engine/quantizer.hpp"
#include "engine/validator.hpp"
#include "nets/network.hpp"
#include "vision/decode.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFixedShapes = 4;  // compiled shapes per device before the network is left open

/// The file of an exported model: for a folder the `.xml` in it.
fs::path find_file(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return path;
    const std::vector<std::string> names = base::folder_entries(path, error);
    const auto is_xml = [](const fs::path& name) { return name.extension() == ".xml"; };
    const auto first = std::ranges::find_if(names, is_xml);
    if (first == names.end()) {
        throw Error(ErrorCode::UnsupportedFile, "model", "the folder holds no .xml file", {.file = path.string()},
                    "give an exported folder such as yolov8n_openvino_model, or a .pt file");
    }
    return path / *first;
}

/// `yolov8n` means `yolov8n.pt` where only that is there.
fs::path with_suffix(const fs::path& path) {
    std::error_code ignored;
    const fs::path checkpoint = fs::path(path) += ".pt";
    const bool meant = !path.has_extension() && !fs::exists(path, ignored) && fs::is_regular_file(checkpoint, ignored);
    return meant ? checkpoint : path;
}

/// Runs a use case; what the standard library throws becomes an Error, the only exception that leaves the library.
template <typename Body>
decltype(auto) guarded(std::string_view area, Body&& body) {
    return base::translate(ErrorCode::IoFailure, area, "failed", std::forward<Body>(body));
}

}  // namespace

Model::State::State(const fs::path& path) : given(path), format(engine::format_of(path)) {
    if (format == engine::ModelFormat::Checkpoint) {
        checkpoint = checkpoint::Checkpoint::open(path);
        info = engine::describe_checkpoint(*checkpoint);
        info.source_sha256 = checkpoint->sha256();
    } else {
        const bool foreign = engine::is_foreign(format);
        exported = foreign ? engine::foreign_file(path, format) : find_file(path);
        engine::ExportInfo described = engine::describe_export(exported);
        info = std::move(described.info);
        named = described.named;
        if (foreign && info.imgsz.height == 0) info.imgsz = engine::kUsualSize;
        if (format == engine::ModelFormat::OpenVino || foreign) {
            const runtime::LoadedNetwork& loaded = network();
            info.dynamic = loaded.dynamic();
            const runtime::InputShape shape = loaded.shape();
            if (!info.dynamic) {
                info.imgsz = shape.size;
                info.batch = shape.batch;
            }
            if (named) {
                engine::fit_names(info, loaded.classes());
            } else if (foreign) {
                info.names.resize(static_cast<std::size_t>(loaded.classes()));
            }
        }
    }
    names = std::make_shared<const ClassNames>(info.names);
}

void Model::State::warn_if_unnamed() const {
    if (named || !engine::is_foreign(format)) return;
    std::call_once(unnamed_, [&] {
        base::warn("no metadata with names in or beside {}: classes are named class0, class1, …",
                   base::printable(exported.string()));
    });
}

engine::RuntimeChoice Model::State::runtime(Runtime asked) const {
    const std::lock_guard lock(mutex_);
    return runtime_locked(asked);
}

const engine::RuntimeChoice& Model::State::runtime_locked(Runtime asked) const {
    const auto found = choices_.find(asked);
    if (found != choices_.end()) return found->second;
    return choices_.emplace(asked, engine::choose_runtime(format, asked, info.path)).first->second;
}

runtime::LoadedNetwork& Model::State::network(Runtime asked) const {
    const std::lock_guard lock(mutex_);
    return network_locked(asked);
}

runtime::LoadedNetwork& Model::State::network_locked(Runtime asked) const {
    const Runtime chosen = runtime_locked(asked).runtime;
    const auto found = networks_.find(chosen);
    if (found != networks_.end()) return *found->second;
    std::unique_ptr<runtime::LoadedNetwork> loaded = load(chosen);
    return *networks_.emplace(chosen, std::move(loaded)).first->second;
}

std::unique_ptr<runtime::LoadedNetwork> Model::State::load(Runtime chosen) const {
    std::future<void> preloading;  // waits at the end
    if (chosen == Runtime::OpenVino && !checkpoint) preloading = runtime::preload_openvino();
    if (checkpoint) {
        const auto build = [this] { return nets::build_network(*checkpoint, nets::InputShape::dynamic()).graph; };
        if (chosen == Runtime::OpenVino)
            return runtime::load_openvino({info.source_sha256, static_cast<int>(info.names.size()), build});
        graph::Graph graph = build();
        return runtime::load_libtorch(std::make_shared<const graph::Graph>(std::move(graph)));
    }
    switch (chosen) {
        case Runtime::OnnxRuntime:
            return runtime::load_onnxruntime(exported);
        case Runtime::LibTorch:
            return runtime::load_libtorch(exported, {info.dynamic, {info.batch, info.imgsz}});
        case Runtime::Auto:
        case Runtime::OpenVino:
            break;
    }
    if (engine::is_foreign(format)) return runtime::load_import(exported, engine::framework_of(format), info.imgsz);
    return runtime::load_openvino(exported);
}

std::shared_ptr<runtime::CompiledNetwork> Model::State::compiled(const runtime::RuntimeArgs& asked,
                                                                 const runtime::InputShape& shape) const {
    const std::lock_guard lock(mutex_);
    runtime::RuntimeArgs args = asked;
    args.runtime = runtime_locked(asked.runtime).runtime;
    runtime::LoadedNetwork& loaded = network_locked(args.runtime);
    Key key{args, 0, 0, 0};
    if (loaded.dynamic()) {
        const Key fixed{args, shape.batch, shape.size.height, shape.size.width};
        const auto same_args = [&](const auto& entry) { return entry.first.args == args; };
        const bool room =
            std::count_if(compiled_.begin(), compiled_.end(), same_args) < static_cast<std::ptrdiff_t>(kMaxFixedShapes);
        if (compiled_.contains(fixed) || (room && !compiled_.contains(key))) key = fixed;
    }
    auto& entry = compiled_[key];
    if (!entry) {
        try {
            entry = loaded.compile(args, {key.batch, {key.height, key.width}});
        } catch (...) {
            compiled_.erase(key);
            throw;
        }
    }
    return entry;
}

std::shared_ptr<const Model::State> engine::open_model(const fs::path& path) {
    return guarded("model", [&] { return std::make_shared<const Model::State>(with_suffix(path)); });
}

Model::Model(const fs::path& path) : state_(engine::open_model(path)) {}

const ModelInfo& Model::info() const noexcept {
    return state_->info;
}
const ClassNames& Model::names() const noexcept {
    return *state_->names;
}
const std::string& Model::task() const noexcept {
    return state_->info.task;
}

std::optional<QuantizationInfo> Model::quantization() const {
    return engine::read_quantization(*state_);
}

std::vector<LayerPrecision> Model::layer_precisions(const std::string& device) const {
    return engine::layer_precisions(*state_, device);
}

fs::path Model::export_to(const ExportArgs& args) const {
    if (!state_->checkpoint && state_->info.int8 && args.int8) {
        throw Error(ErrorCode::InvalidArgument, "export", "the model is quantised already, wanted a .pt checkpoint",
                    {.file = state_->info.path.string()});
    }
    if (!state_->checkpoint && args.int8 && state_->format == engine::ModelFormat::OpenVino)
        return engine::export_quantized(state_->exported, state_->info, args);
    if (!state_->checkpoint) return guarded("export", [&] { return engine::export_imported(*state_, args); });
    return guarded("export", [&] { return engine::export_checkpoint(*state_->checkpoint, state_->info, args); });
}

Predictions Model::predict(const std::string& source, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return Predictions(guarded("predict", [&] { return std::make_unique<Predictions::Impl>(state_, source, args); }));
}

ValResults Model::val(const ValArgs& args) const {
    return guarded("val", [&] { return engine::validate(*state_, args); });
}

Results Model::predict(const ImageView& image, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return guarded("predict", [&] { return Predictions::Impl(state_, Image(image), args).only(); });
}

Results Model::predict(std::span<const std::byte> encoded, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return guarded("predict", [&] {
        return Predictions::Impl(state_, vision::decode_image(encoded, "encoded picture"), args).only();
    });
}

}  // namespace yolovino
