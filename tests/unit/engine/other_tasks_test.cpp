#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/yolovino.hpp"

#include "support/npz.hpp"
#include "support/shared.hpp"
#include "support/shared_runs.hpp"
#include "vision/decode.hpp"

/// Pose, oriented boxes, and classification, from the checkpoint to what is drawn.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

double largest_difference(const std::vector<float>& ours, const json& recorded) {
    const auto theirs = recorded.get<std::vector<double>>();
    EXPECT_EQ(ours.size(), theirs.size());
    double largest = 0;
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(ours[i]) - theirs[i]));
    return largest;
}

/// How far results may lie from the recorded ones; networks with random weights amplify rounding.
struct Tolerance {
    double px;
    double conf;
};

struct Drift {
    double px = 0;
    double conf = 0;
};

Drift drift_of(const Results& results, const json& run) {
    Drift drift;
    if (results.probs) return {0, largest_difference(results.probs->data, run.at("probs"))};
    if (results.obb) {
        const json& boxes = run.at("obb");
        EXPECT_EQ(results.obb->size(), boxes.size());
        for (std::size_t i = 0; i < std::min(results.obb->size(), boxes.size()); ++i) {
            const RotatedBox& box = (*results.obb)[i];
            EXPECT_EQ(box.cls, boxes[i][6].get<int>()) << i;
            drift.px = std::max(drift.px, largest_difference({box.cx, box.cy, box.width, box.height},
                                                             {boxes[i][0], boxes[i][1], boxes[i][2], boxes[i][3]}));
            drift.conf = std::max(drift.conf, largest_difference({box.angle, box.conf}, {boxes[i][4], boxes[i][5]}));
        }
        return drift;
    }
    const json& boxes = run.at("boxes");
    EXPECT_EQ(results.boxes.size(), boxes.size());
    const std::size_t each =
        results.keypoints->size() > 0 ? results.keypoints->data.size() / results.keypoints->size() : 0;
    const auto dims = static_cast<std::size_t>(results.keypoints->shape.dims);
    for (std::size_t i = 0; i < std::min(results.boxes.size(), boxes.size()); ++i) {
        const Box& box = results.boxes[i];
        EXPECT_EQ(box.cls, boxes[i][5].get<int>()) << i;
        drift.px = std::max(drift.px, largest_difference({box.x1, box.y1, box.x2, box.y2},
                                                         {boxes[i][0], boxes[i][1], boxes[i][2], boxes[i][3]}));
        drift.conf = std::max(drift.conf, largest_difference({box.conf}, json::array({boxes[i][4]})));
        const auto recorded = run.at("keypoints")[i].get<std::vector<double>>();
        EXPECT_EQ(recorded.size(), each);
        for (std::size_t k = 0; k < each; ++k) {
            double& worst = k % dims == 2 ? drift.conf : drift.px;
            worst = std::max(worst, std::abs(static_cast<double>(results.keypoints->data[i * each + k]) - recorded[k]));
        }
    }
    return drift;
}

void expect_runs(const std::string& folder, const std::string& name, const fs::path& photos, const std::string& suffix,
                 const Tolerance& tolerance) {
    const json goldens = test::read_shared_json(fs::path("golden") / folder / (name + "_predict.json"));
    for (const bool rect : {true, false}) {
        for (const auto& [photo, run] : goldens.at(rect ? "checkpoint" : "checkpoint_square").items()) {
            SCOPED_TRACE(name + ", " + photo + (rect ? "" : ", square"));
            const Results results = test::predicted(fs::path("golden") / folder / (name + ".pt"),
                                                    photos / (photo + suffix), {.rect = rect});
            const Drift drift = drift_of(results, run);
            EXPECT_LE(drift.px, tolerance.px);
            EXPECT_LE(drift.conf, tolerance.conf);
            EXPECT_EQ(results.verbose(), run.at("verbose"));
            EXPECT_EQ(results.task, results.probs ? "classify" : results.obb ? "obb" : "pose");
        }
    }
}

constexpr Tolerance kRandom{0.2, 2e-4};
constexpr Tolerance kTrained{1e-3, 1e-5};

TEST(PoseCheckpoint, FindsWhatUltralyticsFinds) {
    YOLOVINO_NEEDS_SHARED();
    expect_runs("tasks", "v8pose", "data/images", ".jpg", kRandom);
    expect_runs("tasks", "v8pose52", "data/images", ".jpg", kRandom);
    expect_runs("tasks-trained", "shapes-v8pose", "golden/tasks-trained/val-data/photos", ".png", kTrained);
}

TEST(ObbCheckpoint, FindsWhatUltralyticsFinds) {
    YOLOVINO_NEEDS_SHARED();
    expect_runs("tasks", "v8obb", "data/images", ".jpg", kRandom);
    expect_runs("tasks-trained", "shapes-v8obb", "golden/tasks-trained/val-data/photos", ".png", kTrained);
}

TEST(ClassifyCheckpoint, FindsWhatUltralyticsFinds) {
    YOLOVINO_NEEDS_SHARED();
    expect_runs("tasks", "v8cls", "data/images", ".jpg", kRandom);
}

TEST(ClassifyCheckpoint, ImagesOfAnySizeShareABatch) {
    YOLOVINO_NEEDS_SHARED();
    const json golden = test::read_shared_json("golden/tasks/v8cls_predict.json").at("checkpoint");
    const Model model((test::shared_dir() / "golden/tasks/v8cls.pt").string());
    const test::TempFolder folder;
    const std::vector<Results> all =
        model
            .predict((test::shared_dir() / "data/images").string(), {.batch = 3,
                                                                     .runtime = {.precision = Precision::F32},
                                                                     .save_crop = true,
                                                                     .project = folder.path().string(),
                                                                     .verbose = false})
            .all();
    ASSERT_EQ(all.size(), 3U);
    std::size_t seen = 0;
    for (const Results& each : all) {
        EXPECT_EQ(each.input_shape, (ImageSize{128, 128}));
        const std::string stem = fs::path(each.path).stem().string();
        if (!golden.contains(stem)) continue;
        ++seen;
        EXPECT_EQ(each.verbose(), golden.at(stem).at("verbose"));
    }
    EXPECT_EQ(seen, 2U);
    EXPECT_TRUE(fs::is_empty(folder.path())) << "there are no objects to crop";
}

/// Rows in which a label lies that hangs at a corner. Ultralytics' were written with another font.
bool is_labelled(int y, const Point& corner) {
    constexpr int kFieldPx = 27;
    constexpr int kMarginPx = 6;
    const auto top = static_cast<int>(corner.y);
    return top >= kFieldPx ? y >= top - kFieldPx && y <= top + kMarginPx : y <= top + kFieldPx + kMarginPx;
}

struct Drawing {
    const char* checkpoint;
    const char* photo;
    const char* drawn;
    double conf;
    double allowed = 0;  ///< share of pixels that differ
};

void expect_drawing(const Drawing& each) {
    SCOPED_TRACE(each.drawn);
    const Results results = test::predicted(each.checkpoint, each.photo, {.conf = each.conf});
    const Image expected = vision::load_image(test::shared_dir() / each.drawn);
    const Image drawn = results.plot();
    if (const char* keep = std::getenv("YOLOVINO_KEEP_DRAWING"))
        results.save(std::string(keep) + "/" + fs::path(each.drawn).filename().string());
    ASSERT_EQ(drawn.size(), expected.size());
    std::vector<Point> corners;
    for (const Box& box : results.boxes) corners.push_back({box.x1, box.y1});
    for (const RotatedBox& box : results.obb.value_or(std::vector<RotatedBox>()))
        corners.push_back(box.corners().front());
    std::size_t compared = 0;
    std::size_t different = 0;
    for (int y = 0; y < drawn.height(); ++y) {
        if (std::ranges::any_of(corners, [&](const Point& corner) { return is_labelled(y, corner); })) continue;
        for (int x = 0; x < drawn.width(); ++x) {
            ++compared;
            different += std::equal(drawn.row(y) + 3 * x, drawn.row(y) + 3 * x + 3, expected.row(y) + 3 * x) ? 0U : 1U;
        }
    }
    EXPECT_GT(compared, 1000U);
    EXPECT_LE(static_cast<double>(different) / static_cast<double>(compared), each.allowed) << different;
}

TEST(PoseCheckpoint, DrawsAsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    expect_drawing(
        {"golden/tasks/v8pose.pt", "golden/tasks-val/photos/bus.png", "golden/tasks-val/drawn-v8pose.png", 0.2563});
    expect_drawing(
        {"golden/tasks/v8pose52.pt", "golden/tasks-val/photos/bus.png", "golden/tasks-val/drawn-v8pose52.png", 0.2644});
    expect_drawing({"golden/tasks-trained/shapes-v8pose.pt", "golden/tasks-trained/val-data/photos/0000.png",
                    "golden/tasks-trained/val/drawn-shapes-v8pose.png", 0.1816});
}

TEST(ObbCheckpoint, DrawsAsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    // OpenCV 5, with which the images were drawn, rounds thick lines otherwise that leave the image
    constexpr double kBeyond = 0.02;
    expect_drawing({"golden/tasks/v8obb.pt", "golden/tasks-val/photos/bus.png", "golden/tasks-val/drawn-v8obb.png",
                    0.2237, kBeyond});
    expect_drawing({"golden/tasks-trained/shapes-v8obb.pt", "golden/tasks-trained/val-data/photos/0000.png",
                    "golden/tasks-trained/val/drawn-shapes-v8obb.png", 0.0056});
}

}  // namespace
}  // namespace yolovino
