#include "yolovino/predictor.hpp"

#include <utility>

#include "base/api_call.hpp"
#include "base/with_sinks.hpp"
#include "engine/predict/predictions.hpp"
#include "engine/predict/predictor.hpp"
#include "vision/decode.hpp"

namespace yolovino {

Predictor::Predictor(std::shared_ptr<const engine::PredictorCore> core) : core_(std::move(core)) {}

Results Predictor::operator()(const ImageView& image, const CallSinks& sinks) const {
    return base::api_call("predict", [&] { return base::with_sinks(sinks, [&] { return core_->run(Image(image)); }); });
}

Results Predictor::operator()(std::span<const std::byte> encoded, const CallSinks& sinks) const {
    return base::api_call("predict", [&] {
        return base::with_sinks(sinks, [&] { return core_->run(vision::decode_image(encoded, "encoded image")); });
    });
}

std::vector<Results> Predictor::run(std::span<const ImageView> images, const CallSinks& sinks) const {
    return base::api_call("predict", [&] { return base::with_sinks(sinks, [&] { return core_->run(images); }); });
}

std::vector<Tensor> Predictor::infer(std::span<const float> images, int batch, ImageSize size) const {
    return base::api_call("infer", [&] { return core_->infer(images, {batch, size}); });
}

Predictions Predictor::stream(const std::string& source, const CallSinks& sinks) const {
    return base::api_call("predict", [&] {
        return Predictions(std::make_unique<Predictions::Impl>(core_->setup(), core_->runtime_args(), source, sinks));
    });
}

}  // namespace yolovino
