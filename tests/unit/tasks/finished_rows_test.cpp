#include "tasks/finished_rows.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

#include "yolovino/error.hpp"

#include "tasks/lookup.hpp"
#include "tasks/obb/decode.hpp"
#include "tasks/pose/decode.hpp"

namespace yolovino::tasks {
namespace {

using Rows = std::vector<std::vector<float>>;

/// One image as a network gives it; the memory lives as long as this.
struct Finished {
    explicit Finished(const Rows& rows) {
        for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
        shape = {1, static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.front().size())};
    }
    tensors::OutputTensor tensor() const { return {.name = "output0", .shape = shape, .data = values}; }
    std::vector<float> values;
    graph::Shape shape;
};

const Rows kRows = {{0, 0, 10, 10, 0.9F, 1},
                    {1, 1, 11, 11, 0.8F, 1},
                    {5, 5, 20, 20, 0.85F, 0},
                    {2, 2, 3, 3, 0.25F, 2},
                    {0, 0, 0, 0, 0, 0}};

std::vector<float> scores(const std::vector<ModelDetection>& found) {
    std::vector<float> out;
    for (const ModelDetection& each : found) out.push_back(each.conf);
    return out;
}

TEST(FinishedRows, KeepTheNetworksOrderAndAreNotSuppressed) {
    const Finished image(kRows);
    const auto found =
        finished_detections(image.tensor(), 0, {.iou = 0.1, .form = {.classes = 3, .keypoints = {}, .finished = true}});
    EXPECT_EQ(scores(found), (std::vector<float>{0.9F, 0.8F, 0.85F})) << "0.25 is not above conf=0.25";
    EXPECT_EQ(found[2].box.x1, 5);
    EXPECT_EQ(found[2].box.y2, 20);
    EXPECT_EQ(found[2].cls, 0);
}

TEST(FinishedRows, OfWantedClassesAloneCountForMaxDet) {
    const Finished image(kRows);
    DecodeArgs args{
        .max_det = 1, .classes = std::vector<int>{0, 2}, .form = {.classes = 3, .keypoints = {}, .finished = true}};
    EXPECT_EQ(scores(finished_detections(image.tensor(), 0, args)), std::vector<float>{0.85F});
    args.classes = std::vector<int>();
    EXPECT_TRUE(finished_detections(image.tensor(), 0, args).empty());
}

TEST(FinishedRows, OfSixNumbersNeedNoMetadata) {
    EXPECT_TRUE(are_finished({1, 300, 6}, {}));
    EXPECT_FALSE(are_finished({1, 9, 6}, {}, true)) << "rows of a task that adds numbers are longer";
    EXPECT_FALSE(are_finished({1, 300, 38}, {}));
    EXPECT_FALSE(are_finished({1, 84, 8400}, {}));
    EXPECT_TRUE(are_finished({1, 300, 38}, {.classes = 0, .keypoints = {}, .finished = true}));
}

TEST(FinishedRows, RefuseClassesThatAreNone) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float cls : {3.0F, -1.0F, 1e20F, nan, infinity, -infinity}) {
        const Finished image({{0, 0, 10, 10, 0.9F, cls}});
        EXPECT_THROW(
            finished_detections(image.tensor(), 0, {.form = {.classes = 3, .keypoints = {}, .finished = true}}), Error)
            << cls;
    }
    // Below conf nothing is looked at, and what is no number is not above it.
    for (const float score : {0.1F, nan, -infinity}) {
        const Finished image({{0, 0, 10, 10, score, -1}});
        EXPECT_TRUE(finished_detections(image.tensor(), 0, {.form = {.classes = 3, .keypoints = {}, .finished = true}})
                        .empty());
    }
    const Finished named({{0, 0, 10, 10, 0.9F, 65535}});
    EXPECT_EQ(
        finished_detections(named.tensor(), 0, {.form = {.classes = 0, .keypoints = {}, .finished = true}}).front().cls,
        65535);
    const Finished many({{0, 0, 10, 10, 0.9F, 65536}});
    EXPECT_THROW(finished_detections(many.tensor(), 0, {.form = {.classes = 0, .keypoints = {}, .finished = true}}),
                 Error);
}

TEST(FinishedRows, RefuseOutputsThatAreTooNarrowOrTruncated) {
    const DecodeArgs args{.form = {.classes = 3, .keypoints = {}, .finished = true}};
    const Finished narrow({{0, 0, 10, 10, 0.9F}});
    EXPECT_THROW(finished_detections(narrow.tensor(), 0, args), Error);
    Finished truncated(kRows);
    truncated.shape[1] = 6;
    EXPECT_THROW(finished_detections(truncated.tensor(), 0, args), Error);
    Finished flat(kRows);
    flat.shape = {1, 30};
    EXPECT_THROW(finished_detections(flat.tensor(), 0, args), Error);
}

TEST(FinishedRows, OfRotatedBoxesHaveCentreSizeAndTheAngleLast) {
    const Finished image({{50, 40, 30, 20, 0.9F, 1, 4.5F}});
    const auto found =
        rotated_detections_of(image.tensor(), 0, {.form = {.classes = 2, .keypoints = {}, .finished = true}});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].box.cx, 50);
    EXPECT_EQ(found[0].box.height, 20);
    EXPECT_EQ(found[0].box.angle, 4.5F);
    EXPECT_EQ(found[0].cls, 1);
}

TEST(FinishedRows, OfPosesHaveTheKeypointsBehindTheClass) {
    std::vector<float> row(6 + 5 * 3);
    std::iota(row.begin(), row.end(), 0.0F);
    row[4] = 0.9F;
    row[5] = 0;
    const Finished image({row});
    const NetworkForm form{.classes = 1, .keypoints = {5, 3}, .finished = true};
    const auto found = poses_of(image.tensor(), 0, {.form = form});
    const std::vector<float> keypoints = keypoints_of(image.tensor(), 0, found, form);
    ASSERT_EQ(keypoints.size(), 15U);
    EXPECT_EQ(keypoints.front(), 6);
    EXPECT_EQ(keypoints.back(), 20);
    EXPECT_THROW(keypoints_of(image.tensor(), 0, found, {.classes = 1, .keypoints = {4, 3}, .finished = true}), Error);
}

TEST(FinishedRows, AreCheckedByTheirWidthForEachTask) {
    const tensors::TensorSignature image{"f32", true, {1, 3, 160, 160}};
    const tensors::TensorSignature prototypes{"f32", true, {1, 32, 40, 40}};
    const auto refused = [&](const char* task, std::vector<tensors::TensorSignature> outputs, NetworkForm form) {
        form.finished = true;
        try {
            find_task(task)->check({{image}, std::move(outputs)}, form, "test", "file");
        } catch (const Error& error) {
            return error.code() == ErrorCode::ShapeMismatch;
        }
        return false;
    };
    const auto rows = [](std::int64_t width) { return tensors::TensorSignature{"f32", true, {1, 300, width}}; };
    EXPECT_FALSE(refused("detect", {rows(6)}, {}));
    EXPECT_TRUE(refused("detect", {rows(7)}, {}));
    EXPECT_FALSE(refused("segment", {rows(38), prototypes}, {}));
    EXPECT_TRUE(refused("segment", {rows(37), prototypes}, {}));
    EXPECT_TRUE(refused("segment", {rows(38)}, {}));
    EXPECT_FALSE(refused("pose", {rows(57)}, {.keypoints = {17, 3}}));
    EXPECT_TRUE(refused("pose", {rows(56)}, {.keypoints = {17, 3}}));
    EXPECT_FALSE(refused("obb", {rows(7)}, {}));
    EXPECT_TRUE(refused("obb", {rows(6)}, {}));
    EXPECT_FALSE(refused("detect", {{"f32", false, {}}}, {})) << "a file may leave the shape to the runtime";
    EXPECT_EQ(find_task("detect")->classes_of({{image}, {rows(6)}}, {}), 0) << "rows do not say how many there are";
}

}  // namespace
}  // namespace yolovino::tasks
