#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "yolovino/c/yolovino.h"
#include "yolovino/model.hpp"
#include "yolovino/predictor.hpp"

#include "c_api/predictor_cache.hpp"
#include "c_api/request_queue.hpp"
#include "options/argument.hpp"
#include "options/modes.hpp"
#include "options/settings.hpp"

namespace yolovino::c_api {

/// What the handle of a model and its background work share. Thread-safe.
class ModelState {
public:
    /// @param defaults of predictions @throws Error as Model, and for defaults that are no options of predict
    ModelState(Model model, std::vector<options::Argument> defaults);

    const Model& model() const noexcept { return model_; }
    const std::string& info_json() const noexcept { return info_json_; }

    /// The defaults of the model and then those of a call.
    std::vector<options::Argument> with_defaults(options::Mode mode, const yv_option* pairs, std::size_t count) const;
    /// What the arguments say. @throws Error InvalidArgument, options::UsageError
    options::Settings settings(options::Mode mode, const std::vector<options::Argument>& arguments) const;
    /// Made once for the same arguments. @throws Error as Model::predictor
    Predictor predictor(const std::vector<options::Argument>& arguments);

private:
    const Model model_;
    const std::vector<options::Argument> defaults_;
    const std::string info_json_;
    PredictorCache predictors_;
};

/// The state of a handle. @throws Error InvalidArgument for a null pointer, RuntimeFailure in a forked child
ModelState& state_of(yv_model* model);

}  // namespace yolovino::c_api

struct yv_model {
    std::shared_ptr<yolovino::c_api::ModelState> state;
    yolovino::c_api::RequestQueue requests = {};
};
