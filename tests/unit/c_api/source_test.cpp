#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <thread>

#include "support/shared.hpp"
#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::failure_of;
using test::on_openvino_cpu_f32;
using test::OwnedModel;
using test::OwnedPredictions;
using test::OwnedResult;

OwnedPredictions predict_source(const OwnedModel& model, const std::string& source, const test::Options& options) {
    yv_predictions* predictions = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_predict_source(model.get(), source.c_str(), options.data(), options.size(), &predictions, error);
    });
    return OwnedPredictions(predictions);
}

OwnedResult next(const OwnedPredictions& predictions) {
    yv_result* result = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_predictions_next(predictions.get(), &result, error); });
    return OwnedResult(result);
}

TEST(CSource, GivesTheImagesOfAFolderInOrderAndThenNull) {
    const OwnedModel model = test::open_model(test::sample());
    const OwnedPredictions all = predict_source(model, test::kImages, on_openvino_cpu_f32());
    std::vector<std::string> paths;
    std::vector<std::size_t> counts;
    while (const OwnedResult result = next(all)) {
        paths.emplace_back(yv_result_path(result.get()));
        counts.push_back(yv_result_count(result.get()));
        EXPECT_STREQ(yv_result_save_dir(result.get()), "") << "nothing is saved unless an option says so";
    }
    EXPECT_EQ(paths.size(), 32U);
    EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
    EXPECT_EQ(next(all), nullptr) << "the end stays the end";
    const OwnedResult alone = test::predict(model, test::bytes_of(paths[3]), on_openvino_cpu_f32());
    EXPECT_EQ(counts[3], yv_result_count(alone.get()));
}

TEST(CSource, WritesWhatTheOptionsSay) {
    const test::TempFolder folder;
    const std::string project = folder.path().string();
    const OwnedModel model = test::open_model(test::sample());
    const OwnedPredictions all =
        predict_source(model, test::kImages / "0004.jpg",
                       on_openvino_cpu_f32({{"save_txt", "True"}, {"project", project.c_str()}, {"name", "run"}}));
    const OwnedResult result = next(all);
    EXPECT_EQ(next(all), nullptr);
    EXPECT_EQ(yv_result_save_dir(result.get()), (folder.path() / "run").string());
    EXPECT_TRUE(fs::exists(folder.path() / "run/labels/0004.txt"));
}

TEST(CSource, WhatDoesNotExistIsNotFound) {
    const OwnedModel model = test::open_model(test::sample());
    yv_predictions* predictions = nullptr;
    yv_status status = yv_predict_source(model.get(), "no/such/file.jpg", nullptr, 0, &predictions, nullptr);
    const OwnedPredictions owned(predictions);
    yv_result* result = nullptr;
    if (status == YV_OK) status = yv_predictions_next(predictions, &result, nullptr);
    EXPECT_EQ(status, YV_NOT_FOUND);
    EXPECT_EQ(result, nullptr);
}

TEST(CSource, AFailureEndsThePredictions) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "bad.jpg") << "\xFF\xD8\xFF no image";
    const OwnedModel model = test::open_model(test::sample());
    const OwnedPredictions all = predict_source(model, folder.path(), on_openvino_cpu_f32({{"strict", "True"}}));
    yv_result* result = nullptr;
    EXPECT_EQ(yv_predictions_next(all.get(), &result, nullptr), YV_CORRUPT_FILE);
    EXPECT_EQ(next(all), nullptr);
}

TEST(CSource, StopsFromAnotherThread) {
    const OwnedModel model = test::open_model(test::sample());
    std::string list;
    for (int i = 0; i < 200; ++i) list += test::kImages.string() + "\n";
    const OwnedPredictions all = predict_source(model, list, on_openvino_cpu_f32({{"imgsz", "64"}}));
    ASSERT_NE(next(all), nullptr);
    std::thread([&] { yv_predictions_stop(all.get()); }).join();
    std::size_t rest = 0;
    while (next(all)) ++rest;
    EXPECT_LT(rest, 6000U);
}

TEST(CSource, OutlivesTheHandleOfItsModel) {
    OwnedModel model = test::open_model(test::sample());
    const OwnedPredictions all = predict_source(model, test::kImages / "0004.jpg", on_openvino_cpu_f32());
    model.reset();
    const OwnedResult result = next(all);
    ASSERT_NE(result, nullptr);
    EXPECT_STREQ(yv_result_class_name(result.get(), 3), "star");
}

/// Two frames of the same scene: objects keep their ids.
TEST(CTracker, GivesIdsFromFrameToFrameAndForgetsThem) {
    const OwnedModel model = test::open_model(test::sample());
    const test::Options options = on_openvino_cpu_f32({{"tracker", "bytetrack.yaml"}});
    yv_tracker* tracker = nullptr;
    test::expect_ok(
        [&](yv_error** error) { return yv_tracker_new(model.get(), options.data(), options.size(), &tracker, error); });
    const test::OwnedTracker owned(tracker);
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const auto ids = [&] {
        yv_result* result = nullptr;
        test::expect_ok(
            [&](yv_error** error) { return yv_tracker_encoded(tracker, image.data(), image.size(), &result, error); });
        const OwnedResult frame(result);
        const std::int32_t* first = yv_result_ids(result);
        return first == nullptr ? std::set<std::int32_t>()
                                : std::set<std::int32_t>(first, first + yv_result_count(result));
    };
    const std::set<std::int32_t> first = ids();
    EXPECT_GT(first.size(), 3U);
    EXPECT_EQ(*first.begin(), 1);
    EXPECT_EQ(ids(), first);
    yv_tracker_reset(tracker);
    EXPECT_EQ(ids(), first) << "ids begin with 1 again";
    yv_predictions* predictions = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_tracker_source(tracker, (test::kImages / "0004.jpg").c_str(), &predictions, error);
    });
    const OwnedPredictions continued(predictions);
    ASSERT_NE(next(continued), nullptr);
}

TEST(CTracker, TracksASource) {
    const OwnedModel model = test::open_model(test::sample());
    const test::Options options = on_openvino_cpu_f32();
    yv_predictions* predictions = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_track_source(model.get(), (test::kImages / "0004.jpg").c_str(), options.data(), options.size(),
                               &predictions, error);
    });
    const OwnedPredictions all(predictions);
    const OwnedResult result = next(all);
    ASSERT_NE(result, nullptr);
    ASSERT_GT(yv_result_count(result.get()), 0U);
    ASSERT_NE(yv_result_ids(result.get()), nullptr);
    EXPECT_GE(yv_result_ids(result.get())[0], 1);
}

TEST(CTracker, OfAModelThatFindsNoObjectsIsRefused) {
    const OwnedModel model = test::open_model(test::sample("cls"));
    yv_tracker* tracker = nullptr;
    const auto failure =
        failure_of([&](yv_error** error) { return yv_tracker_new(model.get(), nullptr, 0, &tracker, error); });
    EXPECT_EQ(failure.status, YV_INVALID_ARGUMENT) << failure.text();
}

}  // namespace
}  // namespace yolovino
