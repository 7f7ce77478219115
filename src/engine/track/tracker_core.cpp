#include "engine/track/tracker_core.hpp"

#include <fmt/format.h>
#include <utility>

#include "yolovino/error.hpp"

#include "engine/predict/predictions.hpp"
#include "options/check.hpp"
#include "tasks/table.hpp"

namespace yolovino::engine {

namespace {

/// `detect, segment`: the tasks that find objects.
std::string names_of_tasks() {
    std::string names;
    for (const tasks::Task* task : tasks::task_table()) {
        if (!task->traits().finds_objects) continue;
        if (!names.empty()) names += ", ";
        names += task->traits().name;
    }
    return names;
}

std::shared_ptr<TrackStep> step_of(const PredictMode& mode) {
    return std::static_pointer_cast<TrackStep>(mode.step);
}

}  // namespace

void check(const TrackArgs& args, const ModelInfo& info) {
    options::check(args);
    check(args.predict, info);
    if (args.predict.embed)
        throw Error(ErrorCode::InvalidArgument, "track", "embed holds no objects that could be followed");
}

PredictMode track_mode(const LoadedModel& model, const TrackArgs& args, bool persist) {
    const tasks::TaskTraits& traits = model.task->traits();
    if (!traits.finds_objects) {
        throw Error(ErrorCode::InvalidArgument, "track",
                    fmt::format("the task '{}' has no objects to track, wanted {}", traits.name, names_of_tasks()),
                    {.file = model.info.path.string()});
    }
    const tracking::Settings settings = tracking::read_settings(args.tracker);
    PredictMode mode;
    mode.name = "track";
    mode.step = std::make_shared<TrackStep>(settings, persist);
    const bool suppresses = !model.info.end2end;  // of finished boxes there is no second choice
    if (traits.recovers_boxes && suppresses && settings.algorithm == tracking::Algorithm::TrackTrack)
        mode.second_iou = TrackStep::kSecondIou;
    return mode;
}

TrackerCore::TrackerCore(const std::shared_ptr<const LoadedModel>& model, const TrackArgs& args, PredictMode mode)
    : step_(step_of(mode)), predictor_(model, args.predict, std::move(mode)) {}

TrackerCore::TrackerCore(const std::shared_ptr<const LoadedModel>& model, const TrackArgs& args)
    : TrackerCore(model, args, track_mode(*model, args, true)) {}

Results TrackerCore::run(Image frame) {
    data::Frame one;
    one.image = std::move(frame);
    one.path = "image0.jpg";
    Predicted item = predictor_.run(std::move(one));
    step_->apply(item);
    return std::move(item.results);
}

}  // namespace yolovino::engine
