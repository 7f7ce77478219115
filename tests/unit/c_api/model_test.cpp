#include "yolovino/model.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/version.hpp"

#include "support/shared.hpp"
#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::failure_of;
using test::OwnedModel;

test::Failure failure_to_open(const std::string& path, const test::Options& options = {}) {
    yv_model* model = reinterpret_cast<yv_model*>(1);
    test::Failure failure = failure_of(
        [&](yv_error** error) { return yv_model_open(path.c_str(), options.data(), options.size(), &model, error); });
    EXPECT_EQ(model, nullptr);
    return failure;
}

TEST(CModel, SaysWhatItIs) {
    const OwnedModel model = test::open_model(test::sample());
    EXPECT_STREQ(yv_model_task(model.get()), "detect");
    ASSERT_EQ(yv_model_class_count(model.get()), 4U);
    EXPECT_STREQ(yv_model_class_name(model.get(), 3), "star");
    EXPECT_EQ(yv_model_class_name(model.get(), 4), nullptr);
    const auto info = nlohmann::json::parse(yv_model_info_json(model.get()));
    EXPECT_EQ(info.at("names"), (std::vector<std::string>{"circle", "square", "triangle", "star"}));
    EXPECT_EQ(info.at("task"), "detect");
    EXPECT_EQ(info.at("format"), "pytorch");
    EXPECT_EQ(info.at("source_sha256").get<std::string>().size(), 64U);
}

TEST(CModel, FailuresHaveTheCodesOfTheLibrary) {
    const test::Failure missing = failure_to_open("no/such/model.pt");
    EXPECT_EQ(missing.status, YV_NOT_FOUND);
    EXPECT_STREQ(yv_status_name(missing.status), "NotFound");
    EXPECT_STREQ(yv_error_file(missing.error.get()), "no/such/model.pt");
    EXPECT_EQ(yv_error_offset(missing.error.get()), -1);
    EXPECT_EQ(failure_to_open(YOLOVINO_SOURCE_DIR "/README.md").status, YV_UNSUPPORTED_FILE);
    const test::TempFolder folder;
    const auto truncated = folder.path() / "truncated.pt";
    std::ofstream(truncated, std::ios::binary) << test::bytes_of(test::sample()).substr(0, 4000);
    EXPECT_EQ(failure_to_open(truncated).status, YV_CORRUPT_FILE);
    EXPECT_EQ(failure_to_open(test::sample(), {{"task", "fly"}}).status, YV_INVALID_ARGUMENT);
    EXPECT_EQ(failure_to_open(test::sample(), {{"conf", "7"}}).status, YV_INVALID_ARGUMENT);
}

TEST(CModel, EachCodeHasItsName) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::MissingComponent); ++code)
        EXPECT_EQ(yv_status_name(code + 1), to_string(static_cast<ErrorCode>(code)));
    EXPECT_STREQ(yv_status_name(YV_MISSING_COMPONENT), "MissingComponent");
    EXPECT_STREQ(yv_status_name(YV_OK), "Ok");
    EXPECT_STREQ(yv_status_name(99), "Unknown");
    EXPECT_STREQ(yv_status_name(-1), "Unknown");
}

TEST(CModel, OptionsOfTheModelAreDefaultsOfItsPredictions) {
    const OwnedModel strict = test::open_model(test::sample(), test::on_openvino_cpu_f32({{"conf", "0.94"}}));
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const auto few = test::predict(strict, image, {});
    const auto many = test::predict(strict, image, {{"conf", "0.1"}});
    EXPECT_EQ(yv_result_count(few.get()), 1U);
    EXPECT_GT(yv_result_count(many.get()), 5U);
}

TEST(CModel, NullsAreRefusedOrFreed) {
    yv_model_free(nullptr);
    yv_result_free(nullptr);
    yv_predictions_free(nullptr);
    yv_tracker_free(nullptr);
    yv_request_free(nullptr);
    yv_tensors_free(nullptr);
    yv_error_free(nullptr);
    yv_string_free(nullptr);
    EXPECT_STREQ(yv_model_task(nullptr), "");
    EXPECT_EQ(yv_result_boxes(nullptr), nullptr);
    EXPECT_EQ(yv_result_count(nullptr), 0U);
    EXPECT_EQ(yv_cancel(nullptr), 0);
    EXPECT_EQ(yv_model_open(nullptr, nullptr, 0, nullptr, nullptr), YV_INVALID_ARGUMENT);
    yv_result* result = nullptr;
    const test::Failure failure =
        failure_of([&](yv_error** error) { return yv_predict_encoded(nullptr, "x", 1, nullptr, 0, &result, error); });
    EXPECT_EQ(failure.text(), "[c] model is NULL; give a valid pointer");
    EXPECT_EQ(yv_predictions_next(nullptr, &result, nullptr), YV_INVALID_ARGUMENT);
    EXPECT_EQ(yv_request_wait(nullptr, 0, &result, nullptr), YV_INVALID_ARGUMENT);
}

TEST(CLibrary, SaysItsVersions) {
    EXPECT_EQ(yv_abi_version() >> 16U, static_cast<std::uint32_t>(YV_ABI_MAJOR));
    EXPECT_EQ(yv_abi_version() & 0xFFFFU, static_cast<std::uint32_t>(YV_ABI_MINOR));
    EXPECT_EQ(yv_version(), version());
    EXPECT_NE(test::text_of(yv_openvino_version()).find("2026."), std::string::npos);
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_formats_json(&json, error); });
    EXPECT_EQ(test::json_of(json).size(), 3U);
    test::expect_ok([&](yv_error** error) { return yv_devices_json(&json, error); });
    EXPECT_EQ(test::json_of(json).at(0).at("name"), "CPU");
}

TEST(CLibrary, LogAndProgressReachTheCaller) {
    std::string log;
    std::string stages;
    yv_set_log([](void* user, std::int32_t, const char* line) { *static_cast<std::string*>(user) += line; }, &log);
    yv_set_progress(
        [](void* user, const char* stage, std::uint64_t, std::uint64_t) { *static_cast<std::string*>(user) += stage; },
        &stages);
    const OwnedModel model = test::open_model(test::sample());
    const std::string data = (test::kSamples / "shapes-val/shapes.yaml").string();
    const test::Options options = {
        {"data", data.c_str()}, {"save", "False"}, {"plots", "False"}, {"imgsz", "160"}, {"device", "cpu"}};
    char* json = nullptr;
    test::expect_ok(
        [&](yv_error** error) { return yv_val(model.get(), options.data(), options.size(), &json, error); });
    yv_string_free(json);
    yv_set_log(nullptr, nullptr);
    yv_set_progress(nullptr, nullptr);
    EXPECT_NE(log.find("mAP50"), std::string::npos) << log;
    EXPECT_FALSE(stages.empty());
}

TEST(CLibrary, MainIsTheCommand) {
    const auto run = [](std::vector<std::string> words) {
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        return yv_main(static_cast<int>(words.size()), arguments.data());
    };
    testing::internal::CaptureStdout();
    EXPECT_EQ(run({"yolo", "version"}), 0);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), std::string(yv_version()) + "\n");
    testing::internal::CaptureStderr();
    EXPECT_EQ(run({"yolo", "predict", "modle=x.pt"}), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("modle"), std::string::npos);
    EXPECT_EQ(yv_main(0, nullptr), 0) << "as without words: the help";
    yv_set_log(nullptr, nullptr);
    yv_set_progress(nullptr, nullptr);
}

}  // namespace
}  // namespace yolovino
