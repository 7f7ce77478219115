#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/yolovino.hpp"

#include "support/npz.hpp"
#include "support/shared.hpp"
#include "support/shared_runs.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// How far results may lie from the recorded ones; networks with random weights amplify rounding.
struct Tolerance {
    double box_px;
    double conf;
    double area;  ///< share of the pixels of a mask
};
constexpr Tolerance kRandom{0.1, 1e-4, 0.001};    // measured 0.048 px, 1.9e-5, 4.8e-5
constexpr Tolerance kTrained{1e-3, 1e-5, 0.001};  // measured 3.1e-5 px, 3.6e-7, 0

void expect_run(const Results& results, const json& run, const Tolerance& tolerance) {
    ASSERT_EQ(results.boxes.size(), run.at("boxes").size());
    if (results.boxes.empty()) {
        EXPECT_FALSE(results.masks);
        return;
    }
    ASSERT_TRUE(results.masks);
    ASSERT_EQ(results.masks->size(), results.boxes.size());
    double box_px = 0;
    double conf = 0;
    double area = 0;
    for (std::size_t i = 0; i < results.boxes.size(); ++i) {
        const Box& box = results.boxes[i];
        const json& wanted = run.at("boxes")[i];
        const float corners[] = {box.x1, box.y1, box.x2, box.y2};
        for (std::size_t k = 0; k < 4; ++k)
            box_px = std::max(box_px, std::abs(static_cast<double>(corners[k]) - wanted[k].get<double>()));
        conf = std::max(conf, std::abs(static_cast<double>(box.conf) - wanted[4].get<double>()));
        EXPECT_EQ(box.cls, static_cast<int>(wanted[5].get<double>())) << i;
        const auto area_px = static_cast<double>(results.masks->area_px(i));
        const double off = std::abs(area_px - run.at("mask_areas")[i].get<double>());
        // A logit within rounding of 0 may fall on either side, also in a mask of few pixels
        area = std::max(area, std::max(off - 1, 0.0) / area_px);
    }
    EXPECT_LE(box_px, tolerance.box_px);
    EXPECT_LE(conf, tolerance.conf);
    EXPECT_LE(area, tolerance.area);
    EXPECT_EQ(results.verbose(), run.value("verbose", results.verbose()));
}

/// Compares each pixel with the recorded masks.
void expect_pixels(const Masks& masks, const fs::path& archive, const std::string& photo) {
    const auto packed = test::read_npz<std::uint8_t>(test::shared_dir() / archive, "masks_" + photo);
    const auto width = static_cast<std::size_t>(masks.shape.width);
    const std::size_t row_bytes = (width + 7) / 8;
    const std::size_t mask_bytes = row_bytes * static_cast<std::size_t>(masks.shape.height);
    ASSERT_EQ(packed.values.size(), masks.size() * mask_bytes);
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const std::vector<std::uint8_t> pixels = masks.data(i);
        std::size_t different = 0;
        for (std::size_t k = 0; k < pixels.size(); ++k) {
            const std::size_t x = k % width;
            const unsigned byte = packed.values[i * mask_bytes + k / width * row_bytes + x / 8];
            different += pixels[k] != (byte >> (7 - x % 8) & 1U) ? 1U : 0U;
        }
        EXPECT_LE(static_cast<double>(different), 1 + 0.001 * static_cast<double>(masks.area_px(i))) << i;
    }
}

TEST(SegmentCheckpoint, MasksAreUltralyticsOwnPixelByPixel) {
    YOLOVINO_NEEDS_SHARED();
    const Results random = test::predicted("golden/tasks/v8seg.pt", "data/images/bus.jpg", {});
    ASSERT_TRUE(random.masks);
    expect_pixels(*random.masks, "golden/tasks/v8seg.npz", "bus");
    const Results attention = test::predicted("golden/tasks/11seg.pt", "data/images/bus.jpg", {});
    ASSERT_TRUE(attention.masks);
    expect_pixels(*attention.masks, "golden/tasks/11seg.npz", "bus");
    const Results trained =
        test::predicted("golden/tasks-trained/shapes-v8seg.pt", "golden/tasks-trained/val-data/photos/0000.png", {});
    ASSERT_TRUE(trained.masks);
    expect_pixels(*trained.masks, "golden/tasks-trained/shapes-v8seg.npz", "0000");
}

TEST(SegmentCheckpoint, FindsWhatUltralyticsFinds) {
    YOLOVINO_NEEDS_SHARED();
    for (const auto& [name, photo] :
         {std::pair{"v8seg", "bus"}, {"v8seg", "zidane"}, {"11seg", "bus"}, {"11seg", "zidane"}}) {
        SCOPED_TRACE(std::string(name) + ", " + photo);
        const fs::path checkpoint = fs::path("golden/tasks") / (std::string(name) + ".pt");
        const json goldens = test::read_shared_json("golden/tasks/" + std::string(name) + "_predict.json");
        const fs::path image = fs::path("data/images") / (std::string(photo) + ".jpg");
        expect_run(test::predicted(checkpoint, image, {}), goldens.at("checkpoint").at(photo), kRandom);
        expect_run(test::predicted(checkpoint, image, {.rect = false}), goldens.at("checkpoint_square").at(photo),
                   kRandom);
        if (goldens.at("checkpoint_retina").contains(photo))
            expect_run(test::predicted(checkpoint, image, {.retina_masks = true}),
                       goldens.at("checkpoint_retina").at(photo), kRandom);
    }
}

TEST(SegmentCheckpoint, FindsWhatUltralyticsFindsWithATrainedNetwork) {
    YOLOVINO_NEEDS_SHARED();
    const fs::path checkpoint = "golden/tasks-trained/shapes-v8seg.pt";
    const json goldens = test::read_shared_json("golden/tasks-trained/shapes-v8seg_predict.json");
    for (const auto& [photo, run] : goldens.at("checkpoint").items()) {
        SCOPED_TRACE(photo);
        const fs::path image = fs::path("golden/tasks-trained/val-data/photos") / (photo + ".png");
        expect_run(test::predicted(checkpoint, image, {}), run, kTrained);
        expect_run(test::predicted(checkpoint, image, {.retina_masks = true}),
                   goldens.at("checkpoint_retina").at(photo), kTrained);
    }
}

/// Rows without a label. Ultralytics' were written with another font.
std::vector<int> rows_without_labels(const Results& results, int height) {
    constexpr int kFieldPx = 27;  // of labels at this size of image, whose letters reach further down
    constexpr int kBelowPx = 6;
    std::vector<int> rows;
    for (int y = 0; y < height; ++y) {
        const bool labelled = std::ranges::any_of(results.boxes, [&](const Box& box) {
            const auto top = static_cast<int>(box.y1);
            return top >= kFieldPx ? y >= top - kFieldPx && y <= top + kBelowPx : y <= top + kFieldPx + kBelowPx;
        });
        if (!labelled) rows.push_back(y);
    }
    return rows;
}

struct Drawing {
    const char* checkpoint;
    const char* photo;
    const char* drawn;
    double conf;
};

TEST(SegmentCheckpoint, DrawsAsUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    for (const Drawing& each :
         {Drawing{"golden/tasks/v8seg.pt", "golden/tasks-val/photos/bus.png", "golden/tasks-val/drawn-v8seg.png",
                  0.1518},
          Drawing{"golden/tasks-trained/shapes-v8seg.pt", "golden/tasks-trained/val-data/photos/0000.png",
                  "golden/tasks-trained/val/drawn-shapes-v8seg.png", 0.0173}}) {
        SCOPED_TRACE(each.drawn);
        const Results results = test::predicted(each.checkpoint, each.photo, {.conf = each.conf});
        const Image expected = vision::load_image(test::shared_dir() / each.drawn);
        const Image drawn = results.plot();
        if (const char* keep = std::getenv("YOLOVINO_KEEP_DRAWING"))
            results.save(std::string(keep) + "/" + fs::path(each.drawn).filename().string());
        ASSERT_EQ(drawn.size(), expected.size());
        const std::vector<int> rows = rows_without_labels(results, drawn.height());
        EXPECT_GE(static_cast<int>(rows.size()), drawn.height() / 3);
        const auto bytes = static_cast<std::ptrdiff_t>(drawn.stride_bytes());
        for (const int y : rows) EXPECT_TRUE(std::equal(drawn.row(y), drawn.row(y) + bytes, expected.row(y))) << y;
    }
}

}  // namespace
}  // namespace yolovino
