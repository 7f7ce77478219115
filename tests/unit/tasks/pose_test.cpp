#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "yolovino/error.hpp"

#include "tasks/lookup.hpp"
#include "tasks/pose/decode.hpp"
#include "unit/tasks/recorded.hpp"

namespace yolovino {
namespace {

using test::Recorded;

constexpr double kPx = 1e-3;

const tasks::Task& pose() {
    return tasks::task_named("pose");
}

void expect_recorded(const std::string& set, const std::string& name, KeypointShape shape) {
    SCOPED_TRACE(name);
    const Recorded recorded = test::decode_recorded(set, name, shape);
    const Results& ours = recorded.results;
    const nlohmann::json& boxes = recorded.expected.at("boxes");
    const nlohmann::json& points = recorded.expected.at("keypoints");
    ASSERT_EQ(ours.boxes.size(), boxes.size());
    ASSERT_FALSE(boxes.empty());
    ASSERT_TRUE(ours.keypoints.has_value());
    ASSERT_EQ(ours.keypoints->size(), boxes.size());
    const std::size_t each = tasks::keypoint_rows(shape);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const Box& box = ours.boxes[i];
        EXPECT_LE(test::difference(boxes[i], {box.x1, box.y1, box.x2, box.y2, box.conf, box.cls}), kPx) << i;
        EXPECT_FLOAT_EQ(box.conf, boxes[i][4].get<float>());
        EXPECT_EQ(box.cls, boxes[i][5].get<int>());
        nlohmann::json mine = nlohmann::json::array();
        for (std::size_t k = 0; k < each; ++k) mine.push_back(ours.keypoints->data[i * each + k]);
        EXPECT_LE(test::difference(mine, points[i]), kPx) << i;
    }
    EXPECT_EQ(pose().summary(ours), recorded.expected.at("verbose"));
}

void expect_written_as_recorded(const std::string& set, const std::string& name, KeypointShape shape) {
    test::expect_written_as_recorded(set, name, [&](const nlohmann::json& recorded, Results& results) {
        results.keypoints = Keypoints{shape, results.orig_shape, {}};
        for (const nlohmann::json& box : recorded.at("boxes"))
            results.boxes.push_back({box[0], box[1], box[2], box[3], box[4], box[5].get<int>()});
        for (const nlohmann::json& object : recorded.at("keypoints")) {
            for (const nlohmann::json& number : object) results.keypoints->data.push_back(number);
        }
    });
}

TEST(Pose, SeventeenVisibleKeypointsEqualUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks", "v8pose", {17, 3});
    expect_written_as_recorded("tasks", "v8pose", {17, 3});
}

TEST(Pose, FiveKeypointsWithoutVisibilityEqualUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks", "v8pose52", {5, 2});
    expect_written_as_recorded("tasks", "v8pose52", {5, 2});
}

TEST(Pose, ATrainedNetworkEqualsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks-trained", "shapes-v8pose", {4, 3});
    expect_written_as_recorded("tasks-trained", "shapes-v8pose", {4, 3});
}

/// Two anchors of one class with two keypoints of two numbers: `[9, 2]`.
const std::vector<float> kRaw = {100, 300, 100, 100, 50, 50, 50, 50, 0.9F, 0.1F, 90, 1, -5, 2, 110, 3, 9000, 4};

tensors::Outputs outputs_of(const std::vector<float>& values, graph::Shape shape) {
    return {{{.name = "output0", .shape = std::move(shape), .data = values}}};
}

Results decoded(const std::vector<float>& values, graph::Shape shape, KeypointShape keypoints) {
    Results results;
    results.task = "pose";
    results.orig_shape = {320, 640};
    pose().decode(outputs_of(values, std::move(shape)), 0, {.form = {.classes = 1, .keypoints = keypoints}},
                  vision::LetterboxGeometry::fit({320, 640}, {640, 640}), results);
    return results;
}

TEST(Pose, KeypointsAreMovedAndClippedToTheImage) {
    const Results results = decoded(kRaw, {1, 9, 2}, {2, 2});
    ASSERT_EQ(results.boxes.size(), 1U);
    ASSERT_EQ(results.keypoints->size(), 1U);
    EXPECT_FALSE(results.keypoints->has_visible());
    EXPECT_EQ(results.keypoints->xy(0), (std::vector<Point>{{90, 0}, {110, 320}}));
    EXPECT_EQ(results.keypoints->orig_shape, (ImageSize{320, 640}));
}

TEST(Pose, WithoutObjectsNothingIsWritten) {
    std::vector<float> raw = kRaw;
    raw[8] = 0.1F;
    const Results results = decoded(raw, {1, 9, 2}, {2, 2});
    EXPECT_TRUE(results.boxes.empty());
    EXPECT_EQ(results.keypoints->size(), 0U);
    EXPECT_EQ(pose().summary(results), "(no detections), ");
    EXPECT_EQ(pose().label_lines(results, true), "");
}

TEST(Pose, ResultsWithoutKeypointsAreWrittenAsBoxes) {
    Results results;
    results.task = "pose";
    results.orig_shape = {100, 200};
    results.boxes = {{10, 20, 30, 40, 0.5F, 3}};
    EXPECT_EQ(pose().label_lines(results, false), "3 0.1 0.3 0.1 0.2\n");
    nlohmann::ordered_json line;
    pose().append_json(line, results, false, 5);
    EXPECT_FALSE(line.at("detections")[0].contains("keypoints"));
    EXPECT_EQ(line.at("detections")[0].at("name"), "class3");
}

TEST(Pose, NumbersThatAreNoneDoNoHarm) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinite = std::numeric_limits<float>::infinity();
    std::vector<float> raw = kRaw;
    raw[0] = nan;
    raw[10] = nan;
    raw[12] = infinite;
    raw[14] = -infinite;
    const Results results = decoded(raw, {1, 9, 2}, {2, 2});
    ASSERT_EQ(results.boxes.size(), 1U);
    EXPECT_EQ(results.keypoints->data[2], 0) << "infinite coordinates are clipped";
    EXPECT_EQ(results.keypoints->data[1], 320);
    Image image(320, 640);
    std::fill_n(image.data(), image.size_bytes(), std::uint8_t{0});
    EXPECT_NO_THROW(pose().draw(image, results, {}));
    EXPECT_FALSE(pose().label_lines(results, true).empty());
}

ErrorCode code_of(const std::function<void()>& body, const std::string& part) {
    try {
        body();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

TEST(Pose, AFileWithoutAShapeOfKeypointsIsRefusedWithAHint) {
    const tensors::Signature signature{{{"f32", true, {1, 3, 640, 640}}}, {{"f32", true, {1, 56, 8400}}}};
    const auto check = [&](KeypointShape shape) {
        pose().check(signature, {.classes = 1, .keypoints = shape}, "test", "x.onnx");
    };
    EXPECT_NO_THROW(check({17, 3}));
    EXPECT_EQ(code_of([&] { check({}); }, "kpt_shape) is none, wanted [count, 2] or [count, 3]"),
              ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of([&] { check({17, 4}); }, "is [17, 4]"), ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of([&] { check({-1, 3}); }, "is [-1, 3]"), ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of(
                  [&] {
                      check({18, 3});
                  },
                  "wanted f32 [N, 4 + classes + keypoints, anchors]"),
              ErrorCode::ShapeMismatch);
    EXPECT_EQ(pose().classes_of(signature, {.keypoints = {17, 3}}), 1);
}

TEST(Pose, OutputsThatDoNotFitAreRefused) {
    const std::vector<float> values(18);
    const tasks::NetworkForm form{.classes = 1, .keypoints = {2, 2}};
    const auto check = [&](graph::Shape shape) {
        pose().check(outputs_of(values, std::move(shape)), 1, {.most = 1}, form, "test");
    };
    EXPECT_NO_THROW(check({1, 9, 2}));
    EXPECT_EQ(code_of(
                  [&] {
                      check({1, 6, 3});
                  },
                  "wanted [1, 9, anchors] with 2 keypoints of 2 numbers"),
              ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of([&] { check({1, 18, 1}); }, "[1, 18, 1]"), ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of([&] { check({18}); }, "[18]"), ErrorCode::ShapeMismatch);
    EXPECT_EQ(code_of([&] { decoded(values, {1, 3, 6}, {2, 2}); }, "[3, 6]"), ErrorCode::ShapeMismatch);
}

}  // namespace
}  // namespace yolovino
