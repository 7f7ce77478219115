#include "c_api/model.hpp"

#include <algorithm>
#include <utility>

#include "yolovino/error.hpp"

#include "c_api/arguments.hpp"
#include "c_api/call.hpp"
#include "c_api/process.hpp"
#include "cli/model_page.hpp"
#include "options/schema.hpp"

namespace yolovino::c_api {

namespace {

constexpr std::size_t kKeptPredictors = 16;

using options::Argument;
using options::Mode;

/// The number of bits is a property of the file: asking for eight is right where it has them.
void expect_int8(const options::Settings& settings, const Model& model) {
    if (!settings.int8 || model.info().int8) return;
    throw Error(ErrorCode::InvalidArgument, "options",
                "int8=True (or quantize=8) needs an 8-bit model, this one is not", {.file = model.info().path.string()},
                "export one with int8=True");
}

/// What the file does not say and the caller does: one value of an option that no prediction takes.
void apply_to_file(std::string_view key, std::vector<Argument>& arguments, options::Settings& settings) {
    for (const Argument& each : take_out(arguments, key))
        options::find_option(key)->apply(Mode::Predict, each, settings);
}

}  // namespace

ModelState::ModelState(Model model, std::vector<Argument> defaults)
    : model_(std::move(model)),
      defaults_(std::move(defaults)),
      info_json_(cli::model_json(model_.info(), model_.quantization())),
      predictors_(kKeptPredictors) {
    static_cast<void>(settings(Mode::Predict, defaults_));
}

std::vector<Argument> ModelState::with_defaults(Mode mode, const yv_option* pairs, std::size_t count) const {
    std::vector<Argument> arguments;
    std::ranges::copy_if(defaults_, std::back_inserter(arguments),
                         [&](const Argument& each) { return takes(mode, *options::find_option(each.key)); });
    std::ranges::move(arguments_of(pairs, count), std::back_inserter(arguments));
    return arguments;
}

options::Settings ModelState::settings(Mode mode, const std::vector<Argument>& arguments) const {
    options::Settings settings = settings_of(mode, arguments);
    expect_int8(settings, model_);
    return settings;
}

Predictor ModelState::predictor(const std::vector<Argument>& arguments) {
    const std::string key = key_of(Mode::Predict, arguments);
    if (const auto found = predictors_.find(key)) return *found;
    const Predictor made = model_.predictor(settings(Mode::Predict, arguments).predict);
    predictors_.keep(key, made);
    return made;
}

ModelState& state_of(yv_model* model) {
    expect(model, "model");
    expect_own_process();
    return *model->state;
}

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::options::Mode;

yv_status yv_model_open(const char* path, const yv_option* options, size_t count, yv_model** model, yv_error** error) {
    return call("model", error, [&] {
        yolovino::c_api::expect_place(model, "the place of the model");
        yolovino::c_api::expect(path, "path");
        yolovino::c_api::expect_own_process();
        std::vector<yolovino::options::Argument> arguments = yolovino::c_api::arguments_of(options, count);
        yolovino::options::Settings settings;
        yolovino::c_api::apply_to_file("task", arguments, settings);
        yolovino::c_api::apply_to_file("kpt_shape", arguments, settings);
        auto state = std::make_shared<yolovino::c_api::ModelState>(
            yolovino::Model(path, settings.task, settings.kpt_shape), std::move(arguments));
        *model = new yv_model{std::move(state)};
        yolovino::c_api::note_loaded();
    });
}

yv_status yv_model_compile(yv_model* model, const yv_option* options, size_t count, yv_error** error) {
    return call("model", error, [&] {
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        static_cast<void>(state.predictor(state.with_defaults(Mode::Predict, options, count)));
    });
}

void yv_model_free(yv_model* model) {
    // A child cannot end threads that only its parent has.
    if (model != nullptr && !yolovino::c_api::is_forked_child()) delete model;
}

const char* yv_model_info_json(const yv_model* model) {
    return model == nullptr ? "" : model->state->info_json().c_str();
}

const char* yv_model_task(const yv_model* model) {
    return model == nullptr ? "" : model->state->model().task().c_str();
}

size_t yv_model_class_count(const yv_model* model) {
    return model == nullptr ? 0 : model->state->model().names().size();
}

const char* yv_model_class_name(const yv_model* model, size_t cls) {
    return cls < yv_model_class_count(model) ? model->state->model().names()[cls].c_str() : nullptr;
}
