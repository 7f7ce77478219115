#include <utility>

#include "yolovino/error.hpp"
#include "yolovino/image.hpp"

#include "c_api/call.hpp"
#include "c_api/input.hpp"
#include "c_api/model.hpp"
#include "c_api/process.hpp"
#include "c_api/request_queue.hpp"
#include "c_api/result.hpp"

struct yv_request {
    std::shared_ptr<yolovino::c_api::Request> request;
};

namespace yolovino::c_api {

namespace {

using options::Mode;

/// An image of its own: the caller's memory is its own again when `yv_submit` returns. Encoded images are decoded on
/// the thread that predicts.
struct OwnInput {
    Image image;
    std::vector<std::byte> encoded;
    std::string path;
};

OwnInput own_copy(const yv_input* input) {
    expect(input, "input");
    OwnInput own;
    if (input->path != nullptr) own.path = input->path;
    if (input->image == nullptr && input->encoded != nullptr) {
        const std::span<const std::byte> bytes = bytes_of(input->encoded, input->encoded_bytes);
        own.encoded.assign(bytes.begin(), bytes.end());
    } else {
        own.image = image_of(input);
    }
    return own;
}

Request::Work work_on(yv_model* model, const yv_input* input, const yv_option* options, std::size_t count) {
    ModelState& state = state_of(model);
    std::vector<options::Argument> arguments = state.with_defaults(Mode::Predict, options, count);
    static_cast<void>(state.settings(Mode::Predict, arguments));  // what is wrong with them fails now
    return [state = model->state, arguments = std::move(arguments), own = own_copy(input)] {
        const Predictor predictor = state->predictor(arguments);
        Results results = own.encoded.empty() ? predictor(own.image.view()) : predictor(std::span(own.encoded));
        if (!own.path.empty()) results.path = own.path;
        return result_of(std::move(results));
    };
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;

yv_status yv_submit(yv_model* model, const yv_input* input, const yv_option* options, size_t count,
                    yv_callback callback, void* user, yv_request** request, yv_error** error) {
    return call("predict", error, [&] {
        if (request != nullptr) *request = nullptr;
        if (callback == nullptr) yolovino::c_api::expect(static_cast<void*>(request), "callback and request");
        const auto made = std::make_shared<yolovino::c_api::Request>(
            yolovino::c_api::work_on(model, input, options, count), callback, user);
        auto handle = request == nullptr ? nullptr : std::make_unique<yv_request>(yv_request{made});
        model->requests.push(made);
        if (request != nullptr) *request = handle.release();
    });
}

yv_status yv_request_wait(yv_request* request, int64_t timeout_ms, yv_result** result, yv_error** error) {
    if (result != nullptr) *result = nullptr;
    yv_status status = YV_OK;
    const yv_status called = call("predict", error, [&] {
        yolovino::c_api::expect(request, "request");
        yolovino::c_api::expect_own_process();
        if (!request->request->wait(timeout_ms))
            throw yolovino::c_api::OtherEnd{YV_TIMEOUT, "the request has not ended yet"};
        if (const yv_error* failed = request->request->error(); failed != nullptr) {
            status = failed->code;
            if (error != nullptr) *error = yolovino::c_api::copy_of(*failed);
        } else if (result != nullptr) {
            *result = request->request->take_result().release();
        }
    });
    return called == YV_OK ? status : called;
}

int32_t yv_cancel(yv_request* request) {
    return yolovino::c_api::call_or(int32_t{0}, [&] {
        if (request == nullptr || yolovino::c_api::is_forked_child()) return 0;
        const auto own = request->request;  // the callback may free the handle
        return own->cancel() ? 1 : 0;
    });
}

void yv_request_free(yv_request* request) {
    if (!yolovino::c_api::is_forked_child()) delete request;
}
