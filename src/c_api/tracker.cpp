#include "yolovino/tracker.hpp"

#include "c_api/call.hpp"
#include "c_api/input.hpp"
#include "c_api/model.hpp"
#include "c_api/predictions.hpp"
#include "c_api/process.hpp"
#include "c_api/result.hpp"

struct yv_tracker {
    yolovino::Tracker tracker;
};

namespace yolovino::c_api {

namespace {

Tracker& tracker_in(yv_tracker* tracker) {
    expect(tracker, "tracker");
    expect_own_process();
    return tracker->tracker;
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;
using yolovino::c_api::expect_place;
using yolovino::c_api::tracker_in;
using yolovino::options::Mode;

yv_status yv_tracker_new(yv_model* model, const yv_option* options, size_t count, yv_tracker** tracker,
                         yv_error** error) {
    return call("track", error, [&] {
        expect_place(tracker, "the place of the tracker");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        const auto settings = state.settings(Mode::Track, state.with_defaults(Mode::Track, options, count));
        *tracker = new yv_tracker{state.model().tracker(settings.track)};
    });
}

yv_status yv_tracker_encoded(yv_tracker* tracker, const void* bytes, size_t byte_count, yv_result** result,
                             yv_error** error) {
    return call("track", error, [&] {
        expect_place(result, "the place of the result");
        *result =
            yolovino::c_api::result_of(tracker_in(tracker)(yolovino::c_api::bytes_of(bytes, byte_count))).release();
    });
}

yv_status yv_tracker_pixels(yv_tracker* tracker, const yv_image* image, yv_result** result, yv_error** error) {
    return call("track", error, [&] {
        expect_place(result, "the place of the result");
        *result = yolovino::c_api::result_of(tracker_in(tracker)(yolovino::c_api::view_of(image))).release();
    });
}

yv_status yv_tracker_source(yv_tracker* tracker, const char* source, yv_predictions** predictions, yv_error** error) {
    return call("track", error, [&] {
        expect_place(predictions, "the place of the predictions");
        yolovino::c_api::expect(source, "source");
        *predictions = new yv_predictions{tracker_in(tracker).stream(source)};
    });
}

void yv_tracker_reset(yv_tracker* tracker) {
    if (tracker != nullptr) tracker->tracker.reset();
}

void yv_tracker_free(yv_tracker* tracker) {
    if (!yolovino::c_api::is_forked_child()) delete tracker;
}
