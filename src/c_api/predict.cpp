#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/image.hpp"

#include "c_api/call.hpp"
#include "c_api/input.hpp"
#include "c_api/model.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

using options::Mode;

Predictor predictor_of(yv_model* model, const yv_option* options, std::size_t count) {
    ModelState& state = state_of(model);
    return state.predictor(state.with_defaults(Mode::Predict, options, count));
}

/// One image of a batch on its way.
struct Item {
    std::string path;
    Image image;
    std::unique_ptr<yv_result> result;  ///< null: nothing is known yet
};

/// Runs `body`; a failure becomes the result of the item.
template <typename Body>
void attempt(Item& item, Body&& body) {
    yv_error* error = nullptr;
    if (call("predict", &error, std::forward<Body>(body)) == YV_OK) return;
    auto own = std::make_unique<yv_error>(*error);
    yv_error_free(error);
    item.result = failed_result(std::move(own), item.path);
}

std::vector<Item> read(const yv_input* inputs, std::size_t input_count) {
    std::vector<Item> items(input_count);
    for (std::size_t i = 0; i < input_count; ++i) {
        const yv_input* input = input_at(inputs, i);
        items[i].path = input->path != nullptr ? std::string(input->path) : "image" + std::to_string(i) + ".jpg";
        attempt(items[i], [&] { items[i].image = image_of(input); });
    }
    return items;
}

void finish(Item& item, Results results) {
    results.path = item.path;
    item.result = result_of(std::move(results));
}

/// All at once; where that fails, one by one, to know which of them it is.
void predict(const Predictor& predictor, std::vector<Item>& items) {
    std::vector<Item*> good;
    std::vector<ImageView> views;
    for (Item& item : items) {
        if (item.result) continue;
        good.push_back(&item);
        views.push_back(item.image.view());
    }
    try {
        std::vector<Results> all = predictor.run(views);
        for (std::size_t i = 0; i < good.size(); ++i) finish(*good[i], std::move(all[i]));
    } catch (const Error&) {
        for (Item* item : good) attempt(*item, [&] { finish(*item, predictor(item->image.view())); });
    }
}

}  // namespace

}  // namespace yolovino::c_api

using yolovino::c_api::call;

yv_status yv_predict_encoded(yv_model* model, const void* bytes, size_t byte_count, const yv_option* options,
                             size_t count, yv_result** result, yv_error** error) {
    return call("predict", error, [&] {
        yolovino::c_api::expect_place(result, "the place of the result");
        const yolovino::Predictor predictor = yolovino::c_api::predictor_of(model, options, count);
        *result = yolovino::c_api::result_of(predictor(yolovino::c_api::bytes_of(bytes, byte_count))).release();
    });
}

yv_status yv_predict_pixels(yv_model* model, const yv_image* image, const yv_option* options, size_t count,
                            yv_result** result, yv_error** error) {
    return call("predict", error, [&] {
        yolovino::c_api::expect_place(result, "the place of the result");
        const yolovino::Predictor predictor = yolovino::c_api::predictor_of(model, options, count);
        *result = yolovino::c_api::result_of(predictor(yolovino::c_api::view_of(image))).release();
    });
}

yv_status yv_predict_batch(yv_model* model, const yv_input* inputs, size_t input_count, const yv_option* options,
                           size_t count, yv_result** results, yv_error** error) {
    return call("predict", error, [&] {
        if (input_count == 0) return;
        yolovino::c_api::expect(static_cast<void*>(results), "the places of the results");
        std::fill_n(results, input_count, nullptr);
        yolovino::c_api::expect(inputs, "inputs");
        const yolovino::Predictor predictor = yolovino::c_api::predictor_of(model, options, count);
        std::vector<yolovino::c_api::Item> items = yolovino::c_api::read(inputs, input_count);
        yolovino::c_api::predict(predictor, items);
        for (std::size_t i = 0; i < input_count; ++i) results[i] = items[i].result.release();
    });
}
