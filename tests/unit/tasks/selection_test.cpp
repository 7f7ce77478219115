#include "tasks/selection.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tasks/lookup.hpp"

namespace yolovino::tasks {
namespace {

constexpr std::array<std::size_t, 3> kLastFirstLast = {1, 0, 1};

Results two_objects(const std::string& task) {
    Results results;
    results.task = task;
    results.orig_shape = {100, 200};
    results.names = std::make_shared<const ClassNames>(ClassNames{"circle", "square"});
    results.boxes = {{10, 10, 30, 40, 0.5F, 0, 7}, {100, 50, 120, 80, 0.25F, 1, 9}};
    return results;
}

TEST(Selection, MasksAndKeypointsStayWithTheirBoxes) {
    Results results = two_objects("segment");
    results.masks = Masks{{100, 200}, {100, 200}, {{1, 1, 1, 1, {1}}, {2, 2, 1, 1, {1}}}};
    results.keypoints = Keypoints{{1, 2}, {100, 200}, {1, 2, 3, 4}};
    select(results, kLastFirstLast);
    ASSERT_EQ(results.boxes.size(), 3U);
    EXPECT_EQ(results.boxes[0].id, 9);
    EXPECT_EQ(results.boxes[1].id, 7);
    ASSERT_EQ(results.masks->size(), 3U);
    EXPECT_EQ(results.masks->instances[2].top, 2);
    EXPECT_EQ(results.keypoints->data, (std::vector<float>{3, 4, 1, 2, 3, 4}));
    select(results, {});
    EXPECT_TRUE(results.boxes.empty());
    EXPECT_FALSE(results.masks.has_value());
    EXPECT_EQ(results.keypoints->size(), 0U);
}

TEST(Selection, RotatedBoxesAreSelectedToo) {
    Results results;
    results.obb = {{1, 1, 2, 2, 0, 0.5F, 0}, {9, 9, 2, 2, 0, 0.5F, 1}};
    select(results, kLastFirstLast);
    ASSERT_EQ(results.obb->size(), 3U);
    EXPECT_EQ(results.obb->at(0).cls, 1);
    EXPECT_EQ(results.obb->at(1).cls, 0);
}

TEST(TrackIds, StandAtTheEndOfLabelLinesAndBehindTheBoxInJson) {
    Results results = two_objects("detect");
    EXPECT_EQ(task_named("detect").label_lines(results, false), "0 0.1 0.25 0.1 0.3 7\n1 0.55 0.65 0.1 0.3 9\n");
    EXPECT_EQ(task_named("detect").label_lines(results, true),
              "0 0.1 0.25 0.1 0.3 0.5 7\n1 0.55 0.65 0.1 0.3 0.25 9\n");
    results.boxes[0].id = 1'234'567;  // as C's %g
    results.boxes.pop_back();
    EXPECT_EQ(task_named("detect").label_lines(results, false), "0 0.1 0.25 0.1 0.3 1.23457e+06\n");
    nlohmann::ordered_json line;
    task_named("pose").append_json(line, two_objects("pose"), false, 5);
    EXPECT_EQ(line["detections"][1]["track_id"], 9);
    Results rotated;
    rotated.task = "obb";
    rotated.orig_shape = {100, 200};
    rotated.obb = {{50, 50, 20, 10, 0, 0.5F, 0, 3}};
    EXPECT_TRUE(task_named("obb").label_lines(rotated, true).ends_with(" 0.5 3\n"));
    EXPECT_EQ(rotated.obb->front().xyxy().id, 3);
}

}  // namespace
}  // namespace yolovino::tasks
