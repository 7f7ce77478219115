#pragma once

#include <memory>
#include <string>

#include "yolovino/track_args.hpp"

#include "base/hidden.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/batch_runner.hpp"
#include "engine/predict/predictor.hpp"
#include "engine/track/track_step.hpp"

namespace yolovino::engine {

/// What tracking adds to a prediction. @param persist as TrackStep
/// @throws Error InvalidArgument for a task without objects, and as tracking::read_settings
PredictMode track_mode(const LoadedModel& model, const TrackArgs& args, bool persist);

/// The implementation of a Tracker.
class TrackerCore {
public:
    /// @throws Error as Model::tracker
    TrackerCore(const std::shared_ptr<const LoadedModel>& model, const TrackArgs& args);

    const PredictorCore& predictor() const noexcept { return predictor_; }
    /// @throws Error as Tracker::operator()
    Results run(Image frame);
    void reset() noexcept { step_->reset(); }

private:
    TrackerCore(const std::shared_ptr<const LoadedModel>& model, const TrackArgs& args, PredictMode mode);

    std::shared_ptr<TrackStep> step_;
    PredictorCore predictor_;
};

/// Checks all options. @throws Error InvalidArgument
void check(const TrackArgs& args, const ModelInfo& info);

}  // namespace yolovino::engine
