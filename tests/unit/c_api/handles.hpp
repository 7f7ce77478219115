#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/c/yolovino.h"

/// Handles that free themselves, and what the tests of the C interface predict with.
namespace yolovino::test {

template <typename T, void (*kFree)(T*)>
struct Free {
    void operator()(T* handle) const { kFree(handle); }
};
template <typename T, void (*kFree)(T*)>
using Owned = std::unique_ptr<T, Free<T, kFree>>;

using OwnedError = Owned<yv_error, yv_error_free>;
using OwnedModel = Owned<yv_model, yv_model_free>;
using OwnedResult = Owned<yv_result, yv_result_free>;
using OwnedPredictions = Owned<yv_predictions, yv_predictions_free>;
using OwnedTracker = Owned<yv_tracker, yv_tracker_free>;
using OwnedRequest = Owned<yv_request, yv_request_free>;
using OwnedTensors = Owned<yv_tensors, yv_tensors_free>;
using OwnedText = Owned<char, yv_string_free>;

using Options = std::vector<yv_option>;

inline const std::filesystem::path kSamples = YOLOVINO_SOURCE_DIR "/assets/sample";
inline const std::filesystem::path kImages = kSamples / "shapes-val/images/val";

/// What makes the tests independent of the machine.
inline Options on_openvino_cpu_f32(Options more = {}) {
    Options options = {{"runtime", "openvino"}, {"device", "cpu"}, {"precision", "f32"}};
    options.insert(options.end(), more.begin(), more.end());
    return options;
}

/// The error of a call that must fail, and what it returned.
struct Failure {
    yv_status status;
    OwnedError error;
    std::string text() const { return yv_error_message(error.get()); }
};

/// @param call from the place of an error to a status
template <typename Call>
Failure failure_of(Call&& call) {
    yv_error* error = nullptr;
    const yv_status status = call(&error);
    EXPECT_NE(status, YV_OK) << "the call did not fail";
    EXPECT_NE(error, nullptr);
    EXPECT_EQ(yv_error_code(error), status);
    return {status, OwnedError(error)};
}

/// A call that must not fail.
template <typename Call>
void expect_ok(Call&& call) {
    yv_error* error = nullptr;
    const yv_status status = call(&error);
    const OwnedError owned(error);
    ASSERT_EQ(status, YV_OK) << yv_error_message(error);
    ASSERT_EQ(error, nullptr);
}

inline OwnedModel open_model(const std::filesystem::path& path, const Options& options = {}) {
    yv_model* model = nullptr;
    expect_ok(
        [&](yv_error** error) { return yv_model_open(path.c_str(), options.data(), options.size(), &model, error); });
    return OwnedModel(model);
}

/// The checkpoint of the sample data for a task: `` for detection, `seg`, `pose`, `obb`, `cls`.
inline std::filesystem::path sample(const std::string& task = {}) {
    return kSamples / (task.empty() ? "yolov8-shapes.pt" : "yolov8-shapes-" + task + ".pt");
}

inline std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    EXPECT_FALSE(bytes.empty()) << file;
    return bytes;
}

inline OwnedResult predict(const OwnedModel& model, const std::string& bytes, const Options& options) {
    yv_result* result = nullptr;
    expect_ok([&](yv_error** error) {
        return yv_predict_encoded(model.get(), bytes.data(), bytes.size(), options.data(), options.size(), &result,
                                  error);
    });
    return OwnedResult(result);
}

/// Of a function that gives new text.
inline std::string text_of(char* text) {
    const OwnedText owned(text);
    EXPECT_NE(text, nullptr);
    return text == nullptr ? std::string() : std::string(text);
}

inline nlohmann::json json_of(char* text) {
    return nlohmann::json::parse(text_of(text));
}

}  // namespace yolovino::test
