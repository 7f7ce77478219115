#include "c_api/result.hpp"

#include <utility>

#include "yolovino/error.hpp"

#include "c_api/call.hpp"

namespace yolovino::c_api {

namespace {

void add_box(const Box& box, yv_result& result) {
    result.boxes.insert(result.boxes.end(), {box.x1, box.y1, box.x2, box.y2, box.conf, static_cast<float>(box.cls)});
}

void lay_out(yv_result& result) {
    const Results& results = result.results;
    const bool tracked = results.is_track();
    const auto add_id = [&](const std::optional<int>& id) {
        if (tracked) result.ids.push_back(id.value_or(0));
    };
    for (const Box& box : results.boxes) {
        add_box(box, result);
        add_id(box.id);
    }
    if (!results.obb) return;
    for (const RotatedBox& box : *results.obb) {
        add_box(box.xyxy(), result);
        add_id(box.id);
        result.obb.insert(result.obb.end(),
                          {box.cx, box.cy, box.width, box.height, box.angle, box.conf, static_cast<float>(box.cls)});
        for (const Point& corner : box.corners()) result.corners.insert(result.corners.end(), {corner.x, corner.y});
    }
}

template <typename T>
const T* data_of(const std::vector<T>& values) {
    return values.empty() ? nullptr : values.data();
}

void set(std::int32_t* place, int value) {
    if (place != nullptr) *place = value;
}

void set(double* place, double value) {
    if (place != nullptr) *place = value;
}

void set(size_t* place, size_t value) {
    if (place != nullptr) *place = value;
}

}  // namespace

std::unique_ptr<yv_result> result_of(Results results) {
    auto result = std::make_unique<yv_result>();
    result->results = std::move(results);
    result->save_dir = result->results.save_dir.string();
    lay_out(*result);
    return result;
}

std::unique_ptr<yv_result> failed_result(std::unique_ptr<yv_error> error, std::string path) {
    auto result = std::make_unique<yv_result>();
    result->error = std::move(error);
    result->results.path = std::move(path);
    result->results.task.clear();
    return result;
}

const Results& results_in(const yv_result* result) {
    expect(result, "result");
    if (result->error)
        throw Error(ErrorCode::InvalidArgument, "c", "the result holds nothing, since its image failed", {},
                    "look at yv_result_status first");
    return result->results;
}

}  // namespace yolovino::c_api

using yolovino::c_api::data_of;
using yolovino::c_api::set;

yv_status yv_result_status(const yv_result* result) {
    return result == nullptr || !result->error ? YV_OK : result->error->code;
}

const yv_error* yv_result_error(const yv_result* result) {
    return result == nullptr ? nullptr : result->error.get();
}

size_t yv_result_count(const yv_result* result) {
    constexpr size_t kNumbers = 6;
    return result == nullptr ? 0 : result->boxes.size() / kNumbers;
}

const char* yv_result_task(const yv_result* result) {
    return result == nullptr ? "" : result->results.task.c_str();
}

const char* yv_result_path(const yv_result* result) {
    return result == nullptr ? "" : result->results.path.c_str();
}

int64_t yv_result_frame(const yv_result* result) {
    return result == nullptr ? 0 : result->results.frame.value_or(0);
}

void yv_result_size(const yv_result* result, int32_t* width, int32_t* height) {
    set(width, result == nullptr ? 0 : result->results.orig_shape.width);
    set(height, result == nullptr ? 0 : result->results.orig_shape.height);
}

void yv_result_input_size(const yv_result* result, int32_t* width, int32_t* height) {
    set(width, result == nullptr ? 0 : result->results.input_shape.width);
    set(height, result == nullptr ? 0 : result->results.input_shape.height);
}

void yv_result_speed(const yv_result* result, double* preprocess_ms, double* inference_ms, double* postprocess_ms) {
    const yolovino::Speed speed = result == nullptr ? yolovino::Speed() : result->results.speed;
    set(preprocess_ms, speed.preprocess);
    set(inference_ms, speed.inference);
    set(postprocess_ms, speed.postprocess);
}

const char* yv_result_save_dir(const yv_result* result) {
    return result == nullptr ? "" : result->save_dir.c_str();
}

size_t yv_result_class_count(const yv_result* result) {
    return result == nullptr || !result->results.names ? 0 : result->results.names->size();
}

const char* yv_result_class_name(const yv_result* result, size_t cls) {
    return cls < yv_result_class_count(result) ? (*result->results.names)[cls].c_str() : nullptr;
}

yv_status yv_result_image(const yv_result* result, yv_image* image) {
    return yolovino::c_api::call("c", nullptr, [&] {
        const yolovino::Image& pixels = yolovino::c_api::results_in(result).orig_img;
        yolovino::c_api::expect(image, "image");
        if (image->size < sizeof(yv_image) || pixels.empty())
            throw yolovino::Error(yolovino::ErrorCode::InvalidArgument, "c", "there is no image, or no place for it");
        *image = {sizeof(yv_image), YV_BGR, pixels.data(), pixels.width(), pixels.height(), pixels.stride_bytes()};
    });
}

const float* yv_result_boxes(const yv_result* result) {
    return result == nullptr ? nullptr : data_of(result->boxes);
}

const int32_t* yv_result_ids(const yv_result* result) {
    return result == nullptr ? nullptr : data_of(result->ids);
}

const float* yv_result_obb(const yv_result* result) {
    return result == nullptr ? nullptr : data_of(result->obb);
}

const float* yv_result_corners(const yv_result* result) {
    return result == nullptr ? nullptr : data_of(result->corners);
}

const float* yv_result_keypoints(const yv_result* result, size_t* points, size_t* numbers) {
    const bool there = result != nullptr && result->results.keypoints;
    set(points, there ? static_cast<size_t>(result->results.keypoints->shape.count) : 0);
    set(numbers, there ? static_cast<size_t>(result->results.keypoints->shape.dims) : 0);
    return there ? data_of(result->results.keypoints->data) : nullptr;
}

const float* yv_result_probs(const yv_result* result, size_t* classes) {
    const bool there = result != nullptr && result->results.probs;
    set(classes, there ? result->results.probs->data.size() : 0);
    return there ? data_of(result->results.probs->data) : nullptr;
}

const float* yv_result_embedding(const yv_result* result, size_t* values) {
    const bool there = result != nullptr && result->results.embedding;
    set(values, there ? result->results.embedding->size() : 0);
    return there ? data_of(*result->results.embedding) : nullptr;
}

void yv_result_free(yv_result* result) {
    delete result;
}
