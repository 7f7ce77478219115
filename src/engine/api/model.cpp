#include "yolovino/model.hpp"

#include "base/api_call.hpp"
#include "engine/export/export_model.hpp"
#include "engine/export/quantizer.hpp"
#include "engine/model/head_choice.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/predictions.hpp"
#include "engine/predict/predictor.hpp"
#include "engine/track/tracker_core.hpp"
#include "engine/validate/run.hpp"
#include "vision/decode.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

std::shared_ptr<const engine::LoadedModel> chosen(const std::shared_ptr<const engine::LoadedModel>& model,
                                                  const PredictArgs& args) {
    return engine::with_head(model, engine::head_request(args));
}

}  // namespace

Model::Model(const fs::path& path, const std::string& task, KeypointShape kpt_shape) {
    loaded_ = base::api_call("model", [&] { return engine::open_model(path, task, kpt_shape); });
}

const ModelInfo& Model::info() const noexcept {
    return loaded_->info;
}
const ClassNames& Model::names() const noexcept {
    return *loaded_->names;
}
const std::string& Model::task() const noexcept {
    return loaded_->info.task;
}

std::optional<QuantizationInfo> Model::quantization() const {
    return base::api_call("quantization", [&] { return engine::read_quantization(*loaded_); });
}

std::vector<LayerPrecision> Model::layer_precisions(const std::string& device) const {
    return base::api_call("info", [&] { return engine::layer_precisions(*loaded_, device); });
}

fs::path Model::export_to(const ExportArgs& args) const {
    return base::api_call("export", [&] { return engine::export_model(*loaded_, args); });
}

Predictor Model::predictor(const PredictArgs& args) const {
    return base::api_call("predict", [&] {
        return Predictor(std::make_shared<const engine::PredictorCore>(chosen(loaded_, args), args));
    });
}

Predictions Model::predict(const std::string& source, const PredictArgs& args) const {
    return base::api_call("predict", [&] {
        engine::check(args, loaded_->info);
        return Predictions(std::make_unique<Predictions::Impl>(chosen(loaded_, args), source, args));
    });
}

Predictions Model::track(const std::string& source, const TrackArgs& args) const {
    return base::api_call("track", [&] {
        engine::check(args, loaded_->info);
        const auto model = chosen(loaded_, args.predict);
        return Predictions(
            std::make_unique<Predictions::Impl>(model, source, args.predict, engine::track_mode(*model, args, false)));
    });
}

Tracker Model::tracker(const TrackArgs& args) const {
    return base::api_call("track", [&] {
        engine::check(args, loaded_->info);
        return Tracker(std::make_shared<engine::TrackerCore>(chosen(loaded_, args.predict), args));
    });
}

ValResults Model::val(const ValArgs& args) const {
    return base::api_call("val", [&] { return engine::validate(*loaded_, args); });
}

Results Model::predict(const ImageView& image, const PredictArgs& args) const {
    return base::api_call("predict", [&] {
        engine::check(args, loaded_->info);
        return Predictions::Impl(chosen(loaded_, args), Image(image), args).run_single();
    });
}

Results Model::predict(std::span<const std::byte> encoded, const PredictArgs& args) const {
    return base::api_call("predict", [&] {
        engine::check(args, loaded_->info);
        return Predictions::Impl(chosen(loaded_, args), vision::decode_image(encoded, "encoded image"), args)
            .run_single();
    });
}

}  // namespace yolovino
