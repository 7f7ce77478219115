#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/error.hpp"

#include "c_api/call.hpp"
#include "c_api/input.hpp"
#include "c_api/result.hpp"

namespace yolovino::c_api {

namespace {

/// More would not be an image.
constexpr std::size_t kMostObjects = 1'000'000;
constexpr std::size_t kBoxNumbers = 6;
constexpr std::size_t kObbNumbers = 7;

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::InvalidArgument, "c", message);
}

/// A class id from a row of floats.
int class_of(float value, std::size_t classes) {
    if (!(value >= 0 && value < static_cast<float>(classes)) || value != std::floor(value))
        refuse(fmt::format("the class {} of an object is none of the {} that have names", value, classes));
    return static_cast<int>(value);
}

std::optional<int> id_of(const yv_result_data& data, std::size_t object) {
    return data.ids == nullptr ? std::nullopt : std::optional<int>(data.ids[object]);
}

void set_boxes(const yv_result_data& data, std::size_t classes, Results& results) {
    for (std::size_t i = 0; i < data.count; ++i) {
        const float* row = data.boxes + i * kBoxNumbers;
        results.boxes.push_back({row[0], row[1], row[2], row[3], row[4], class_of(row[5], classes), id_of(data, i)});
    }
}

void set_obb(const yv_result_data& data, std::size_t classes, Results& results) {
    results.obb.emplace();
    for (std::size_t i = 0; i < data.count; ++i) {
        const float* row = data.obb + i * kObbNumbers;
        results.obb->push_back(
            {row[0], row[1], row[2], row[3], row[4], row[5], class_of(row[6], classes), id_of(data, i)});
    }
}

void set_keypoints(const yv_result_data& data, Results& results) {
    constexpr std::size_t kMostPoints = 4096;
    if (data.keypoint_count == 0 || data.keypoint_count > kMostPoints ||
        (data.keypoint_numbers != 2 && data.keypoint_numbers != 3)) {
        refuse(fmt::format("keypoints are {} of {} numbers, wanted 1 to {} of 2 or 3", data.keypoint_count,
                           data.keypoint_numbers, kMostPoints));
    }
    Keypoints keypoints;
    keypoints.shape = {static_cast<int>(data.keypoint_count), static_cast<int>(data.keypoint_numbers)};
    keypoints.orig_shape = results.orig_shape;
    keypoints.data.assign(data.keypoints, data.keypoints + data.count * data.keypoint_count * data.keypoint_numbers);
    results.keypoints = std::move(keypoints);
}

/// The pixels of one object as bits, all of the grid being its box.
Masks::Instance instance_of(const std::uint8_t* pixels, int height, int width) {
    constexpr std::size_t kWordBits = 64;
    const std::size_t words = (static_cast<std::size_t>(width) + kWordBits - 1) / kWordBits;
    Masks::Instance instance;
    instance.height = height;
    instance.width = width;
    instance.bits.resize(words * static_cast<std::size_t>(height));
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
        for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
            const bool inside = pixels[y * static_cast<std::size_t>(width) + x] != 0;
            instance.bits[y * words + x / kWordBits] |= std::uint64_t{inside} << (x % kWordBits);
        }
    }
    return instance;
}

void set_masks(const yv_result_data& data, Results& results) {
    constexpr int kLargest = 1 << 15;
    if (data.mask_width <= 0 || data.mask_height <= 0 || data.mask_width > kLargest || data.mask_height > kLargest)
        refuse(fmt::format("the grid of the masks is {} x {}, wanted 1 to {}", data.mask_width, data.mask_height,
                           kLargest));
    Masks masks;
    masks.shape = {data.mask_height, data.mask_width};
    masks.orig_shape = results.orig_shape;
    const std::size_t pixels = static_cast<std::size_t>(data.mask_width) * static_cast<std::size_t>(data.mask_height);
    for (std::size_t i = 0; i < data.count; ++i)
        masks.instances.push_back(instance_of(data.masks + i * pixels, data.mask_height, data.mask_width));
    results.masks = std::move(masks);
}

ClassNames names_of(const yv_result_data& data) {
    if (data.class_count > kMostObjects) refuse(fmt::format("{} classes are too many", data.class_count));
    if (data.class_count > 0) expect(data.class_names, "class_names");
    ClassNames names;
    for (std::size_t cls = 0; cls < data.class_count; ++cls) {
        expect(data.class_names[cls], "a class name");
        names.emplace_back(data.class_names[cls]);
    }
    return names;
}

Results results_of(const yv_result_data& data) {
    Results results;
    expect(data.task, "task");
    results.task = data.task;
    if (std::ranges::find(kTaskNames, results.task) == kTaskNames.end())
        refuse(fmt::format("the task is '{}', wanted detect, segment, classify, pose, or obb", results.task));
    if (data.count > kMostObjects) refuse(fmt::format("{} objects, wanted at most {}", data.count, kMostObjects));
    results.orig_img = Image(view_of(data.image));
    results.orig_shape = results.orig_img.size();
    results.input_shape = results.orig_shape;
    results.path = data.path == nullptr ? "image0.jpg" : data.path;
    const ClassNames names = names_of(data);
    results.names = std::make_shared<const ClassNames>(names);
    results.speed = {data.preprocess_ms, data.inference_ms, data.postprocess_ms};
    const bool classifies = results.task == "classify";
    const bool rotated = results.task == "obb";
    if (data.count > 0 && !classifies) expect(rotated ? data.obb : data.boxes, rotated ? "obb" : "boxes");
    if (classifies) {
        expect(data.probs, "probs");
        results.probs.emplace().data.assign(data.probs, data.probs + names.size());
    } else if (rotated) {
        set_obb(data, names.size(), results);
    } else {
        set_boxes(data, names.size(), results);
    }
    if (data.keypoints != nullptr) set_keypoints(data, results);
    if (data.masks != nullptr && data.count > 0) set_masks(data, results);
    return results;
}

}  // namespace

}  // namespace yolovino::c_api

yv_status yv_result_create(const yv_result_data* data, yv_result** result, yv_error** error) {
    return yolovino::c_api::call("c", error, [&] {
        yolovino::c_api::expect_place(result, "the place of the result");
        yolovino::c_api::expect(data, "data");
        if (data->size < sizeof(yv_result_data)) {
            throw yolovino::Error(
                yolovino::ErrorCode::InvalidArgument, "c",
                fmt::format("yv_result_data has the size {}, wanted {}", data->size, sizeof(yv_result_data)));
        }
        *result = yolovino::c_api::result_of(yolovino::c_api::results_of(*data)).release();
    });
}
