#include "c_api/predictions.hpp"

#include <utility>

#include "c_api/call.hpp"
#include "c_api/model.hpp"
#include "c_api/process.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

/// Steps to the next result; false at the end, which also a failure brings.
bool advance(yv_predictions& all) {
    if (all.ended) return false;
    all.ended = true;
    if (all.begun)
        ++all.next;
    else
        all.next = all.predictions.begin();
    all.begun = true;
    all.ended = all.next == all.predictions.end();
    return !all.ended;
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::options::Mode;

yv_status yv_predict_source(yv_model* model, const char* source, const yv_option* options, size_t count,
                            yv_predictions** predictions, yv_error** error) {
    return call("predict", error, [&] {
        yolovino::c_api::expect_place(predictions, "the place of the predictions");
        yolovino::c_api::expect(source, "source");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        const auto settings = state.settings(Mode::Predict, state.with_defaults(Mode::Predict, options, count));
        *predictions = new yv_predictions{state.model().predict(source, settings.predict)};
    });
}

yv_status yv_track_source(yv_model* model, const char* source, const yv_option* options, size_t count,
                          yv_predictions** predictions, yv_error** error) {
    return call("track", error, [&] {
        yolovino::c_api::expect_place(predictions, "the place of the predictions");
        yolovino::c_api::expect(source, "source");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        const auto settings = state.settings(Mode::Track, state.with_defaults(Mode::Track, options, count));
        *predictions = new yv_predictions{state.model().track(source, settings.track)};
    });
}

yv_status yv_predictions_next(yv_predictions* predictions, yv_result** result, yv_error** error) {
    return call("predict", error, [&] {
        yolovino::c_api::expect_place(result, "the place of the result");
        yolovino::c_api::expect(predictions, "predictions");
        yolovino::c_api::expect_own_process();
        if (!yolovino::c_api::advance(*predictions)) return;
        *result = yolovino::c_api::result_of(std::move(*predictions->next)).release();
    });
}

void yv_predictions_stop(yv_predictions* predictions) {
    if (predictions != nullptr) predictions->predictions.stop();
}

void yv_predictions_free(yv_predictions* predictions) {
    if (!yolovino::c_api::is_forked_child()) delete predictions;
}
