#include <algorithm>
#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::OwnedResult;

constexpr int kWidth = 80;
constexpr int kHeight = 60;

/// Numbers of a program that found two objects, and the image.
struct Numbers {
    std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(std::size_t{3} * kWidth * kHeight, 127);
    yv_image image = {sizeof(yv_image), YV_BGR, pixels.data(), kWidth, kHeight, 0};
    std::array<const char*, 2> names = {"cat", "dog"};
    std::array<float, 12> boxes = {5, 5, 35, 35, 0.9F, 1, 40, 10, 75, 55, 0.5F, 0};
    yv_result_data data = {};

    explicit Numbers(const char* task) {
        data.size = sizeof(data);
        data.task = task;
        data.image = &image;
        data.class_names = names.data();
        data.class_count = names.size();
        data.count = 2;
        data.boxes = boxes.data();
    }
};

OwnedResult created(const yv_result_data& data) {
    yv_result* result = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_result_create(&data, &result, error); });
    return OwnedResult(result);
}

std::string refusal_of(const yv_result_data& data) {
    yv_result* result = nullptr;
    const test::Failure failure =
        test::failure_of([&](yv_error** error) { return yv_result_create(&data, &result, error); });
    EXPECT_EQ(failure.status, YV_INVALID_ARGUMENT);
    EXPECT_EQ(result, nullptr);
    return failure.text();
}

std::vector<std::uint8_t> drawn(const OwnedResult& result) {
    std::vector<std::uint8_t> pixels(std::size_t{3} * kWidth * kHeight);
    test::expect_ok([&](yv_error** error) {
        return yv_result_plot(result.get(), nullptr, 0, pixels.data(), pixels.size(), error);
    });
    return pixels;
}

TEST(CResultCreate, BoxesAreThoseThatWereGivenAndAreDrawn) {
    const Numbers numbers("detect");
    const OwnedResult result = created(numbers.data);
    ASSERT_EQ(yv_result_count(result.get()), 2U);
    EXPECT_EQ(std::memcmp(yv_result_boxes(result.get()), numbers.boxes.data(), sizeof(numbers.boxes)), 0);
    EXPECT_EQ(yv_result_ids(result.get()), nullptr);
    EXPECT_STREQ(yv_result_path(result.get()), "image0.jpg");
    EXPECT_EQ(test::text_of(yv_result_verbose(result.get())), "1 cat, 1 dog, ");
    EXPECT_NE(drawn(result), numbers.pixels);
}

TEST(CResultCreate, IdsOfATrackerAreKept) {
    Numbers numbers("detect");
    const std::array<std::int32_t, 2> ids = {7, 3};
    numbers.data.ids = ids.data();
    const OwnedResult result = created(numbers.data);
    ASSERT_NE(yv_result_ids(result.get()), nullptr);
    EXPECT_EQ(yv_result_ids(result.get())[0], 7);
    EXPECT_EQ(test::json_of(yv_result_summary(result.get(), 0, 5)).at(1).at("track_id"), 3);
}

TEST(CResultCreate, MasksComeBackPixelByPixel) {
    Numbers numbers("segment");
    std::vector<std::uint8_t> masks(std::size_t{2} * kWidth * kHeight);
    for (std::size_t i = 0; i < masks.size(); ++i) masks[i] = i % 7 == 0 || i % 5 == 1 ? 1 : 0;
    numbers.data.masks = masks.data();
    numbers.data.mask_width = kWidth;
    numbers.data.mask_height = kHeight;
    const OwnedResult result = created(numbers.data);
    std::vector<std::uint8_t> got(std::size_t{kWidth} * kHeight);
    for (std::size_t object = 0; object < 2; ++object) {
        test::expect_ok(
            [&](yv_error** error) { return yv_result_mask(result.get(), object, got.data(), got.size(), error); });
        EXPECT_TRUE(
            std::equal(got.begin(), got.end(), masks.begin() + static_cast<std::ptrdiff_t>(object * got.size())));
    }
    size_t points = 0;
    EXPECT_NE(yv_result_mask_outline(result.get(), 0, 0, &points), nullptr);
    EXPECT_GT(points, 3U);
}

TEST(CResultCreate, KeypointsRotatedBoxesAndProbabilitiesAreKept) {
    Numbers pose("pose");
    const std::array<float, 12> keypoints = {1, 2, 0.5F, 3, 4, 0.25F, 5, 6, 1, 7, 8, 1};
    pose.data.keypoints = keypoints.data();
    pose.data.keypoint_count = 2;
    pose.data.keypoint_numbers = 3;
    size_t points = 0;
    size_t numbers = 0;
    const OwnedResult of_pose = created(pose.data);
    const float* got = yv_result_keypoints(of_pose.get(), &points, &numbers);
    ASSERT_EQ(points * numbers, 6U);
    EXPECT_EQ(std::memcmp(got, keypoints.data(), sizeof(keypoints)), 0);

    Numbers obb("obb");
    const std::array<float, 14> rotated = {20, 20, 10, 8, 0.5F, 0.9F, 1, 50, 30, 20, 10, 0, 0.8F, 0};
    obb.data.obb = rotated.data();
    const OwnedResult of_obb = created(obb.data);
    EXPECT_EQ(std::memcmp(yv_result_obb(of_obb.get()), rotated.data(), sizeof(rotated)), 0);

    Numbers classify("classify");
    const std::array<float, 2> probs = {0.25F, 0.75F};
    classify.data.probs = probs.data();
    const OwnedResult of_classify = created(classify.data);
    size_t classes = 0;
    EXPECT_EQ(std::memcmp(yv_result_probs(of_classify.get(), &classes), probs.data(), sizeof(probs)), 0);
    EXPECT_EQ(classes, 2U);
}

TEST(CResultCreate, RefusesWhatIsNoResult) {
    Numbers wrong("detect");
    wrong.boxes[5] = 2;
    EXPECT_NE(refusal_of(wrong.data).find("class 2 of an object is none of the 2"), std::string::npos);
    Numbers task("see");
    EXPECT_NE(refusal_of(task.data).find("'see'"), std::string::npos);
    Numbers old("detect");
    old.data.size = 8;
    EXPECT_NE(refusal_of(old.data).find("size 8"), std::string::npos);
    Numbers none("detect");
    none.data.boxes = nullptr;
    EXPECT_NE(refusal_of(none.data).find("boxes"), std::string::npos);
    Numbers grid("segment");
    const std::array<std::uint8_t, 1> masks = {1};
    grid.data.masks = masks.data();
    EXPECT_NE(refusal_of(grid.data).find("0 x 0"), std::string::npos);
    Numbers points("pose");
    points.data.keypoints = points.boxes.data();
    points.data.keypoint_count = 2;
    points.data.keypoint_numbers = 4;
    EXPECT_NE(refusal_of(points.data).find("2 of 4 numbers"), std::string::npos);
}

}  // namespace
}  // namespace yolovino
