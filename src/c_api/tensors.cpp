#include <array>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/tensor.hpp"

#include "c_api/call.hpp"
#include "c_api/model.hpp"

struct yv_tensors {
    std::vector<yolovino::Tensor> tensors;
    std::vector<yv_tensor> views;
};

namespace yolovino::c_api {

namespace {

using options::Mode;

constexpr std::uint32_t kImageRank = 4;
constexpr std::int64_t kLargestDimension = 1 << 16;  // so that no product overflows

/// `[N, 3, height, width]`.
struct ImageBatch {
    int batch = 0;
    ImageSize size;
    std::span<const float> values;
};

ImageBatch image_batch_of(const yv_tensor* input) {
    expect(input, "input");
    if (input->size < sizeof(yv_tensor) || input->rank != kImageRank || input->shape == nullptr) {
        throw Error(ErrorCode::ShapeMismatch, "infer",
                    fmt::format("the input has {} dimensions, wanted 4: [N, 3, height, width]", input->rank), {},
                    "set size, rank, and shape");
    }
    expect(input->data, "the data of the input");
    std::size_t values = 1;
    for (std::uint32_t axis = 0; axis < kImageRank; ++axis) {
        const std::int64_t dimension = input->shape[axis];
        if (dimension < 1 || dimension >= kLargestDimension || (axis == 1 && dimension != 3)) {
            throw Error(ErrorCode::ShapeMismatch, "infer",
                        fmt::format("the input is [{}, {}, {}, {}], wanted [N, 3, height, width]", input->shape[0],
                                    input->shape[1], input->shape[2], input->shape[3]));
        }
        values *= static_cast<std::size_t>(dimension);
    }
    return {static_cast<int>(input->shape[0]),
            {.height = static_cast<int>(input->shape[2]), .width = static_cast<int>(input->shape[3])},
            {input->data, values}};
}

std::unique_ptr<yv_tensors> handle_of(std::vector<Tensor> tensors) {
    auto handle = std::make_unique<yv_tensors>();
    handle->tensors = std::move(tensors);
    for (const Tensor& each : handle->tensors) {
        handle->views.push_back({sizeof(yv_tensor), static_cast<std::uint32_t>(each.shape.size()), each.name.c_str(),
                                 each.shape.data(), each.data.data()});
    }
    return handle;
}

}  // namespace

}  // namespace yolovino::c_api

yv_status yv_infer_raw(yv_model* model, const yv_tensor* input, const yv_option* options, size_t count,
                       yv_tensors** outputs, yv_error** error) {
    return yolovino::c_api::call("infer", error, [&] {
        yolovino::c_api::expect_place(outputs, "the place of the outputs");
        yolovino::c_api::ModelState& state = yolovino::c_api::state_of(model);
        const yolovino::c_api::ImageBatch images = yolovino::c_api::image_batch_of(input);
        const yolovino::Predictor predictor =
            state.predictor(state.with_defaults(yolovino::options::Mode::Predict, options, count));
        *outputs = yolovino::c_api::handle_of(predictor.infer(images.values, images.batch, images.size)).release();
    });
}

size_t yv_tensors_count(const yv_tensors* tensors) {
    return tensors == nullptr ? 0 : tensors->views.size();
}

const yv_tensor* yv_tensors_at(const yv_tensors* tensors, size_t index) {
    return index < yv_tensors_count(tensors) ? &tensors->views[index] : nullptr;
}

void yv_tensors_free(yv_tensors* tensors) {
    delete tensors;
}
