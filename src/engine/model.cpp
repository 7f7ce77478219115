#include "yolovino/model.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/exporter.hpp"
#include "engine/model_info.hpp"
#include "engine/model_state.hpp"
#include "engine/predictor.hpp"
#include "engine/validator.hpp"
#include "nets/network.hpp"
#include "vision/decode.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFixedShapes = 4;  // compiled shapes per device before the network is left open

/// The `.xml` of an exported folder, or nothing for any other path.
fs::path find_xml(const fs::path& path) {
    if (!fs::is_directory(path)) return path.extension() == ".xml" ? path : fs::path();
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path)) {
        if (entry.path().extension() == ".xml") found.push_back(entry.path());
    }
    if (found.empty()) {
        throw Error(ErrorCode::UnsupportedFile, "model", "the folder holds no .xml file", {.file = path.string()},
                    "give an exported folder such as yolov8n_openvino_model, or a .pt file");
    }
    return *std::min_element(found.begin(), found.end());
}

void check_export(const ModelInfo& info, const runtime::LoadedNetwork& network, const fs::path& xml) {
    const int classes = network.classes();
    const bool named = info.strides.size() == 1 && !info.version.empty();
    if (named && classes != 0 && classes != static_cast<int>(info.names.size())) {
        throw Error(ErrorCode::ShapeMismatch, "model",
                    fmt::format("metadata.yaml names {} classes, the network gives {}", info.names.size(), classes),
                    {.file = xml.string()});
    }
}

}  // namespace

Model::State::State(const fs::path& path) : xml(find_xml(path)) {
    if (xml.empty()) {
        checkpoint = checkpoint::Checkpoint::open(path);
        info = engine::describe_checkpoint(*checkpoint);
        info.source_sha256 = checkpoint->sha256();
    } else {
        info = engine::describe_export(xml);
        const runtime::LoadedNetwork& loaded = network();
        check_export(info, loaded, xml);
        info.dynamic = loaded.dynamic();
        const runtime::InputShape shape = loaded.shape();
        if (!info.dynamic) {
            info.imgsz = shape.size;
            info.batch = shape.batch;
        }
    }
    names = std::make_shared<const ClassNames>(info.names);
}

runtime::LoadedNetwork& Model::State::network() const {
    const std::lock_guard lock(mutex_);
    return network_locked();
}

runtime::LoadedNetwork& Model::State::network_locked() const {
    if (!network_) {
        network_ = checkpoint
                       ? runtime::load_openvino(nets::build_network(*checkpoint, nets::InputShape::dynamic()).graph)
                       : runtime::load_openvino(xml);
    }
    return *network_;
}

std::shared_ptr<runtime::CompiledNetwork> Model::State::compiled(const runtime::RuntimeArgs& args,
                                                                 const runtime::InputShape& shape) const {
    const std::lock_guard lock(mutex_);
    runtime::LoadedNetwork& loaded = network_locked();
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

Model::Model(const fs::path& path) : state_(std::make_shared<const State>(path)) {}

const ModelInfo& Model::info() const noexcept {
    return state_->info;
}
const ClassNames& Model::names() const noexcept {
    return *state_->names;
}
const std::string& Model::task() const noexcept {
    return state_->info.task;
}

fs::path Model::export_to(const ExportArgs& args) const {
    if (!state_->checkpoint) {
        throw Error(ErrorCode::InvalidArgument, "export", "the model is already exported, wanted a .pt checkpoint",
                    {.file = state_->info.path.string()});
    }
    return engine::export_checkpoint(*state_->checkpoint, state_->info, args);
}

Predictions Model::predict(const std::string& source, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return Predictions(std::make_unique<Predictions::Impl>(state_, source, args));
}

ValResults Model::val(const ValArgs& args) const {
    return engine::validate(*state_, args);
}

Results Model::predict(const ImageView& image, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return Predictions::Impl(state_, Image(image), args).only();
}

Results Model::predict(std::span<const std::byte> encoded, const PredictArgs& args) const {
    engine::check(args, state_->info);
    return Predictions::Impl(state_, vision::decode_image(encoded, "encoded picture"), args).only();
}

}  // namespace yolovino
