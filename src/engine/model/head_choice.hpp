#pragma once

#include <memory>
#include <optional>

#include "yolovino/export_args.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/val_args.hpp"

#include "engine/model/loaded_model.hpp"
#include "nets/types.hpp"

namespace yolovino::engine {

/// What decides which boxes a checkpoint's network gives.
struct HeadRequest {
    std::optional<bool> nms;  ///< as PredictArgs::nms
    int max_det = 300;
    bool agnostic = false;
};

/// A head that suppression follows; the one-to-one branch with `nms` false, if there is one, and where fusing left no
/// other. Warns, in Ultralytics' words, where `nms` cannot be followed.
nets::HeadForm head_of(const nets::HeadInfo& head, const HeadRequest& request);

/// The same for an export, whose suppression may be in the network. Where `nms` is True and cannot be followed, a
/// warning says so and it is unset. @throws Error InvalidArgument for a network without boxes
nets::HeadForm exported_head(const nets::HeadInfo& head, ExportArgs& args);

/// A model that shares the checkpoint of another, and whose network has the head as requested; null where that of the
/// other has it. Exports stay as they are.
std::shared_ptr<const LoadedModel> variant_of(const LoadedModel& model, const HeadRequest& request);

/// The same, or the model itself.
std::shared_ptr<const LoadedModel> with_head(const std::shared_ptr<const LoadedModel>& model,
                                             const HeadRequest& request);

/// What prediction asks for: classes are chosen behind the network, so that it gives more than one class may have.
HeadRequest head_request(const PredictArgs& args);
HeadRequest head_request(const ValArgs& args);

}  // namespace yolovino::engine
