#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "yolovino/error.hpp"

#include "tasks/detect/decode.hpp"

namespace yolovino {
namespace {

struct Row {
    float cx, cy, w, h;
    std::vector<float> scores;
};

/// Lays rows out as the network does: [4 + nc, anchors].
std::vector<float> raw(const std::vector<Row>& rows) {
    const std::size_t classes = rows.front().scores.size();
    std::vector<float> out((4 + classes) * rows.size());
    for (std::size_t a = 0; a < rows.size(); ++a) {
        const float box[4] = {rows[a].cx, rows[a].cy, rows[a].w, rows[a].h};
        for (std::size_t i = 0; i < 4; ++i) out[i * rows.size() + a] = box[i];
        for (std::size_t c = 0; c < classes; ++c) out[(4 + c) * rows.size() + a] = rows[a].scores[c];
    }
    return out;
}

std::vector<Box> run(const std::vector<Row>& rows, const tasks::DecodeArgs& args = {}) {
    return tasks::detect(raw(rows), 4 + rows.front().scores.size(), rows.size(), args,
                         vision::LetterboxGeometry::fit({640, 640}, {640, 640}));
}

TEST(Detect, KeepsTheBestOfOverlappingBoxesByClass) {
    const std::vector<Row> rows = {
        {100, 100, 50, 50, {0.6F, 0}}, {102, 100, 50, 50, {0.9F, 0}}, {100, 100, 50, 50, {0, 0.7F}}};
    const auto boxes = run(rows);
    ASSERT_EQ(boxes.size(), 2U);
    EXPECT_FLOAT_EQ(boxes[0].conf, 0.9F);
    EXPECT_EQ(boxes[1].cls, 1);
    EXPECT_EQ(run(rows, {.agnostic_nms = true}).size(), 1U);
}

TEST(Detect, ScoreMustExceedTheThreshold) {
    EXPECT_TRUE(run({{100, 100, 50, 50, {0.25F}}}).empty());
    EXPECT_EQ(run({{100, 100, 50, 50, {0.2501F}}}).size(), 1U);
    EXPECT_TRUE(run({{100, 100, 50, 50, {std::numeric_limits<float>::quiet_NaN()}}}).empty());
}

TEST(Detect, FiltersClassesAndLimitsTheCount) {
    const std::vector<Row> rows = {
        {100, 100, 20, 20, {0.9F, 0, 0}}, {200, 100, 20, 20, {0, 0.8F, 0}}, {300, 100, 20, 20, {0, 0, 0.7F}}};
    EXPECT_EQ(run(rows, {.classes = std::vector{1, 2}}).size(), 2U);
    EXPECT_EQ(run(rows, {.classes = std::vector<int>()}).size(), 0U);
    const auto one = run(rows, {.max_det = 1});
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].cls, 0);
}

TEST(Detect, BoxesStayFloatsAndAreClipped) {
    const auto boxes = run({{10.25F, 20.5F, 100, 3.5F, {0.9F}}});
    ASSERT_EQ(boxes.size(), 1U);
    EXPECT_FLOAT_EQ(boxes[0].x1, 0);
    EXPECT_FLOAT_EQ(boxes[0].x2, 60.25F);
    EXPECT_FLOAT_EQ(boxes[0].y1, 18.75F);
}

TEST(Detect, ClassesStayApartOnLargeFrames) {
    // Offsets of 7680 px per class let boxes of frames beyond that meet a neighbour class; ours never compare.
    const auto geometry = vision::LetterboxGeometry::fit({10240, 10240}, {10240, 10240});
    const std::vector<Row> rows = {{8000, 8000, 100, 100, {0.9F, 0}}, {320, 320, 100, 100, {0, 0.8F}}};
    EXPECT_EQ(tasks::detect(raw(rows), 6, 2, {}, geometry).size(), 2U);
}

TEST(Detect, AWrongShapeIsAnErrorNotAnEmptyResult) {
    const auto geometry = vision::LetterboxGeometry::fit({640, 640}, {640, 640});
    const std::vector<float> values(12);
    EXPECT_THROW(tasks::detect(values, 4, 3, {}, geometry), Error);
    EXPECT_THROW(tasks::detect(values, 6, 3, {}, geometry), Error);
}

/// Anchor by anchor, as the rule says: the first class of the highest score.
std::vector<Box> plainly(const std::vector<Row>& rows, float conf) {
    std::vector<Box> boxes;
    for (const Row& row : rows) {
        const auto best = std::max_element(row.scores.begin(), row.scores.end());
        if (!(*best > conf)) continue;
        boxes.push_back({row.cx - row.w / 2, row.cy - row.h / 2, row.cx + row.w / 2, row.cy + row.h / 2, *best,
                         static_cast<int>(best - row.scores.begin())});
    }
    std::stable_sort(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.conf > b.conf; });
    return boxes;
}

TEST(Detect, FindsTheBestClassOfEachAnchorWhateverTheirNumber) {
    std::mt19937 random(7);
    for (const std::size_t anchors : {1U, 511U, 512U, 513U, 1300U}) {
        std::vector<Row> rows;
        for (std::size_t a = 0; a < anchors; ++a) {
            const auto x = static_cast<float>(4 + 8 * (a % 75));  // apart, so that none is suppressed
            const auto y = static_cast<float>(4 + 8 * (a / 75));
            Row row{x, y, 4, 4, std::vector<float>(7)};
            for (float& score : row.scores) score = static_cast<float>(random() % 64) / 64;  // with ties
            rows.push_back(std::move(row));
        }
        EXPECT_EQ(run(rows, {.conf = 0.6, .max_det = 100000}), plainly(rows, 0.6F)) << anchors;
    }
}

}  // namespace
}  // namespace yolovino
