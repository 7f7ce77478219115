#include "yolovino/tracker.hpp"

#include <utility>

#include "base/api_call.hpp"
#include "base/with_sinks.hpp"
#include "engine/predict/predictions.hpp"
#include "engine/track/tracker_core.hpp"
#include "vision/decode.hpp"

namespace yolovino {

Tracker::Tracker(std::shared_ptr<engine::TrackerCore> core) : core_(std::move(core)) {}

Results Tracker::operator()(const ImageView& frame, const CallSinks& sinks) {
    return base::api_call("track", [&] { return base::with_sinks(sinks, [&] { return core_->run(Image(frame)); }); });
}

Results Tracker::operator()(std::span<const std::byte> encoded, const CallSinks& sinks) {
    return base::api_call("track", [&] {
        return base::with_sinks(sinks, [&] { return core_->run(vision::decode_image(encoded, "encoded image")); });
    });
}

Predictions Tracker::stream(const std::string& source, const CallSinks& sinks) {
    return base::api_call("track", [&] {
        const engine::PredictorCore& predictor = core_->predictor();
        return Predictions(
            std::make_unique<Predictions::Impl>(predictor.setup(), predictor.runtime_args(), source, sinks));
    });
}

void Tracker::reset() noexcept {
    core_->reset();
}

}  // namespace yolovino
