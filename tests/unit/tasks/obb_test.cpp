#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <numbers>
#include <random>

#include "yolovino/error.hpp"

#include "tasks/lookup.hpp"
#include "tasks/obb/decode.hpp"
#include "tasks/obb/suppress.hpp"
#include "unit/tasks/recorded.hpp"

namespace yolovino {
namespace {

using test::Recorded;

constexpr double kPx = 1e-3;

const tasks::Task& obb() {
    return tasks::task_named("obb");
}

void expect_recorded(const std::string& set, const std::string& name) {
    SCOPED_TRACE(name);
    const Recorded recorded = test::decode_recorded(set, name);
    const nlohmann::json& expected = recorded.expected;
    EXPECT_TRUE(recorded.results.boxes.empty());
    ASSERT_TRUE(recorded.results.obb.has_value());
    const std::vector<RotatedBox>& ours = *recorded.results.obb;
    ASSERT_EQ(ours.size(), expected.at("obb").size());
    ASSERT_FALSE(ours.empty());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const RotatedBox& box = ours[i];
        const nlohmann::json& theirs = expected.at("obb")[i];
        EXPECT_LE(
            test::difference({box.cx, box.cy, box.width, box.height}, {theirs[0], theirs[1], theirs[2], theirs[3]}),
            kPx)
            << i;
        EXPECT_NEAR(box.angle, theirs[4].get<float>(), 1e-5) << i;
        EXPECT_FLOAT_EQ(box.conf, theirs[5].get<float>()) << i;
        EXPECT_EQ(box.cls, theirs[6].get<int>()) << i;
        nlohmann::json corners = nlohmann::json::array();
        for (const Point& corner : box.corners()) corners.insert(corners.end(), {corner.x, corner.y});
        EXPECT_LE(test::difference(corners, expected.at("xyxyxyxy")[i]), kPx) << i;
    }
    EXPECT_EQ(obb().summary(recorded.results), expected.at("verbose"));
    test::expect_written_as_recorded(
        set, name,
        [](const nlohmann::json& each, Results& results) {
            std::vector<RotatedBox>& boxes = results.obb.emplace();
            for (const nlohmann::json& box : each.at("obb"))
                boxes.push_back({box[0], box[1], box[2], box[3], box[4], box[5], box[6].get<int>()});
        },
        1e-6);
}

TEST(Obb, ARandomNetworkEqualsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks", "v8obb");
}

TEST(Obb, ATrainedNetworkEqualsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_recorded("tasks-trained", "shapes-v8obb");
}

/// Rows of one class, `[6, anchors]`.
std::vector<float> raw_of(const std::vector<metrics::RotatedRect>& boxes, const std::vector<float>& scores) {
    std::vector<float> raw;
    for (const metrics::RotatedRect& box : boxes) raw.push_back(box.cx);
    for (const metrics::RotatedRect& box : boxes) raw.push_back(box.cy);
    for (const metrics::RotatedRect& box : boxes) raw.push_back(box.width);
    for (const metrics::RotatedRect& box : boxes) raw.push_back(box.height);
    raw.insert(raw.end(), scores.begin(), scores.end());
    for (const metrics::RotatedRect& box : boxes) raw.push_back(box.angle);
    return raw;
}

TEST(Obb, ASuppressedBoxStillSuppresses) {
    // The middle one overlaps both others by 0.78, they each other by 0.57
    const std::vector<float> raw =
        raw_of({{100, 100, 50, 20, 0}, {106, 100, 50, 20, 0}, {112, 100, 50, 20, 0}}, {0.9F, 0.8F, 0.7F});
    EXPECT_EQ(tasks::detect_rotated_in_model(raw, 6, 3, {}).size(), 1U);
    EXPECT_EQ(tasks::detect_rotated_in_model(raw, 6, 3, {.classes = std::vector{1}}).size(), 0U);
    EXPECT_EQ(tasks::detect_rotated_in_model(raw, 6, 3, {.iou = 0.9}).size(), 3U);
    EXPECT_EQ(tasks::detect_rotated_in_model(raw, 6, 3, {.iou = 0.9, .max_det = 2}).size(), 2U);
}

TEST(Obb, BoxesOfOtherClassesAreKeptUnlessAgnostic) {
    const std::vector<float> raw = {100, 100,  100,  100,  50,   50,   20,
                                    20,  0.9F, 0.1F, 0.1F, 0.8F, 0.5F, 0.5F};  // [7, 2]: two classes
    EXPECT_EQ(tasks::detect_rotated_in_model(raw, 7, 2, {}).size(), 2U);
    const auto one = tasks::detect_rotated_in_model(raw, 7, 2, {.agnostic_nms = true});
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one.front().cls, 0);
    EXPECT_FLOAT_EQ(one.front().box.angle, 0.5F);
}

TEST(Obb, BoxesAreMovedButNotClipped) {
    const auto geometry = vision::LetterboxGeometry::fit({320, 640}, {320, 320});
    const RotatedBox box = tasks::to_image({{-10, 80, 30, 20, 2.5F}, 0.5F, 1}, geometry);
    EXPECT_EQ(box, (RotatedBox{-20, 0, 60, 40, 2.5F, 0.5F, 1}));
}

TEST(Obb, CornersAreWrittenInOrder) {
    Results results;
    results.task = "obb";
    results.orig_shape = {100, 200};
    results.obb = {{50, 50, 40, 20, 0, 0.5F, 2}};
    EXPECT_EQ(obb().label_lines(results, true), "2 0.35 0.6 0.35 0.4 0.15 0.4 0.15 0.6 0.5\n");
    nlohmann::ordered_json line;
    obb().append_json(line, results, false, 3);
    EXPECT_EQ(line.at("detections")[0].at("box").dump(),
              R"({"x1":70.0,"y1":60.0,"x2":70.0,"y2":40.0,"x3":30.0,"y3":40.0,"x4":30.0,"y4":60.0})");
    EXPECT_EQ(obb().summary(results), "1 class2, ");
}

TEST(Obb, ACropIsTurnedUpright) {
    Results results;
    results.orig_img = Image(60, 60);
    std::fill_n(results.orig_img.data(), results.orig_img.size_bytes(), std::uint8_t{0});
    for (int y = 10; y < 50; ++y)
        std::fill_n(results.orig_img.row(y) + 20 * 3, 10 * 3, std::uint8_t{200});  // 10 wide, 40 high
    const float quarter = std::numbers::pi_v<float> / 2;
    results.obb = {
        {25, 30, 40, 10, quarter, 0.9F, 4}, {25, 30, std::nanf(""), 10, 0, 0.8F, 4}, {25, 30, 1e9F, 10, 0, 0.8F, 4}};
    const std::vector<tasks::Crop> crops = obb().crops(results);
    ASSERT_EQ(crops.size(), 1U) << "boxes that no image can hold are skipped";
    EXPECT_EQ(crops[0].cls, 4);
    ASSERT_EQ(crops[0].image.size(), (ImageSize{10, 40}));
    for (int y = 1; y < 9; ++y) {
        for (int x = 1; x < 39; ++x) EXPECT_EQ(crops[0].image.row(y)[3 * x], 200) << y << ", " << x;
    }
}

TEST(Obb, NumbersThatAreNoneDoNoHarm) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinite = std::numeric_limits<float>::infinity();
    const std::vector<float> raw = raw_of({{nan, 100, 50, 20, 0},
                                           {100, infinite, 50, 20, 0},
                                           {100, 100, nan, infinite, 0},
                                           {100, 100, 50, 20, nan},
                                           {100, 100, 0, 0, 0},
                                           {100, 100, 1e30F, 1e30F, 1}},
                                          {0.9F, 0.8F, 0.7F, 0.6F, 0.5F, infinite});
    Results results;
    results.task = "obb";
    results.orig_img = Image(320, 320);
    results.orig_shape = {320, 320};
    const tensors::Outputs outputs{{{.name = "output0", .shape = {1, 6, 6}, .data = raw}}};
    obb().decode(outputs, 0, {}, vision::LetterboxGeometry::fit({320, 320}, {320, 320}), results);
    EXPECT_EQ(results.obb->size(), 6U) << "none overlaps another";
    EXPECT_NO_THROW(obb().draw(results.orig_img, results, {}));
    EXPECT_NO_THROW(obb().crops(results));
    EXPECT_FALSE(obb().label_lines(results, true).empty());
}

TEST(Obb, AWrongShapeIsAnErrorNotAnEmptyResult) {
    const std::vector<float> values(30);
    EXPECT_THROW(tasks::detect_rotated_in_model(values, 5, 6, {}), Error);
    EXPECT_THROW(tasks::detect_rotated_in_model(values, 6, 4, {}), Error);
    EXPECT_THROW(tasks::detect_rotated_in_model(values, 6, 0, {}), Error);
    const tensors::Signature plain{{{"f32", true, {1, 3, 64, 64}}}, {{"f32", true, {1, 5, 84}}}};
    EXPECT_THROW(obb().check(plain, {}, "test", "x.onnx"), Error);
    const tensors::Signature good{{{"f32", true, {1, 3, 64, 64}}}, {{"f32", true, {1, 20, 84}}}};
    EXPECT_NO_THROW(obb().check(good, {}, "test", "x.onnx"));
    EXPECT_EQ(obb().classes_of(good, {}), 15);
}

/// The rule as it stands: all pairs by the formula.
std::vector<std::size_t> plainly(const std::vector<tasks::RotatedCandidate>& sorted, float iou) {
    std::vector<std::size_t> kept;
    for (std::size_t j = 0; j < sorted.size(); ++j) {
        bool covered = false;
        for (std::size_t i = 0; i < j && !covered; ++i)
            covered = sorted[i].group == sorted[j].group && metrics::probiou(sorted[i].box, sorted[j].box) > iou;
        if (!covered) kept.push_back(j);
    }
    return kept;
}

/// Candidates around a few places, of sides from `smallest` on over `decades` powers of ten.
std::vector<tasks::RotatedCandidate> clustered(std::mt19937& random, std::size_t count, float smallest, float decades) {
    std::uniform_real_distribution<float> unit(0, 1);
    std::vector<tasks::RotatedCandidate> all;
    for (std::size_t i = 0; i < count; ++i) {
        const float base = smallest * std::pow(10.0F, decades * unit(random));
        const float place = std::floor(unit(random) * 10) * base * 2;
        const float aspect = std::pow(10.0F, 3 * unit(random) * unit(random));
        all.push_back({metrics::gaussian_of(
                           metrics::RotatedRect{place + unit(random) * base * 0.3F, place + unit(random) * base * 0.3F,
                                                base, base / aspect, unit(random) * 0.4F + (i % 3 == 0 ? 1.5F : 0.0F)}),
                       static_cast<int>(random() % 2)});
    }
    return all;
}

TEST(Suppression, EqualsTheFormulaOfEveryPair) {
    std::mt19937 random(11);
    for (const float iou : {0.0F, 0.005F, 0.01F, 0.1F, 0.45F, 0.7F, 0.95F, 0.999F, 0.9995F, 1.0F}) {
        for (const float smallest : {0.001F, 0.3F, 20.0F, 3000.0F, 1e6F}) {
            const auto candidates = clustered(random, 400, smallest, 0.5F);
            EXPECT_EQ(tasks::unsuppressed(candidates, iou, 1000), plainly(candidates, iou)) << iou << ", " << smallest;
        }
        const auto mixed = clustered(random, 400, 0.01F, 6);
        EXPECT_EQ(tasks::unsuppressed(mixed, iou, 1000), plainly(mixed, iou)) << iou;
    }
}

TEST(Suppression, EqualsTheFormulaNearTheThreshold) {
    // Pairs whose overlap by the formula is the threshold itself, one bit below, and one above
    std::mt19937 random(5);
    for (int i = 0; i < 300; ++i) {
        auto pair = clustered(random, 2, 10, 1);
        pair[1].group = pair[0].group;
        const float overlap = metrics::probiou(pair[0].box, pair[1].box);
        if (!(overlap > 0)) continue;
        EXPECT_EQ(tasks::unsuppressed(pair, overlap, 9).size(), 2U);
        EXPECT_EQ(tasks::unsuppressed(pair, std::nextafter(overlap, 0.0F), 9).size(), 1U);
    }
}

TEST(Suppression, KeepsTheBestOfAllGroups) {
    std::vector<tasks::RotatedCandidate> sorted;
    for (int i = 0; i < 10; ++i)
        sorted.push_back(
            {metrics::gaussian_of(metrics::RotatedRect{static_cast<float>(100 * i), 0, 20, 10, 0}), i % 3});
    EXPECT_EQ(tasks::unsuppressed(sorted, 0.5F, 4), (std::vector<std::size_t>{0, 1, 2, 3}));
    EXPECT_TRUE(tasks::unsuppressed({}, 0.5F, 4).empty());
}

}  // namespace
}  // namespace yolovino
