#include "vision/draw.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "helpers.hpp"
#include "vision/decode.hpp"
#include "vision/encode.hpp"

namespace yolovino::vision {
namespace {

using test::same;

Image gray_image(int height, int width) {
    Image image(height, width);
    std::memset(image.data(), 90, image.size_bytes());
    return image;
}

Image drawn(std::vector<Box> boxes, const ClassNames& names, const PlotArgs& args = {}, ImageSize size = {200, 300}) {
    Image image = gray_image(size.height, size.width);
    draw_detections(image, boxes, names, args);
    return image;
}

/// The names of metadata.yaml, lines `  <id>: <name>` after `names:`.
ClassNames golden_names() {
    std::ifstream file(test::shared_dir() / "golden/metadata.yaml");
    ClassNames names;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "names:") {
            inside = true;
        } else if (inside && line.starts_with("  ")) {
            names.push_back(line.substr(line.find(": ") + 2));
        } else {
            inside = false;
        }
    }
    return names;
}

/// Where labels may lie, with the margin into which JPEG spreads their edges. The recorded image was drawn by OpenCV
/// 5, whose font differs from OpenCV 4's strokes, so only what is outside can be equal.
std::vector<cv::Rect> zones_of(const std::vector<Box>& boxes, ImageSize size) {
    constexpr int kWidest = 200;
    constexpr int kMargin = 26;
    std::vector<cv::Rect> zones;
    for (const Box& box : boxes) {
        const int left = std::min(int(box.x1), size.width - kWidest);
        zones.emplace_back(left - kMargin, int(box.y1) - 32 - kMargin, kWidest + 2 * kMargin, 32 + 2 * kMargin);
    }
    return zones;
}

TEST(Draw, TheIdOfATrackStandsBeforeItsName) {
    const ClassNames names = {"circle"};
    const ClassNames with_id = {"id:12 circle"};
    const std::vector<Box> tracked = {{40, 60, 160, 150, 0.9F, 0, 12}};
    const std::vector<Box> found = {{40, 60, 160, 150, 0.9F, 0}};
    EXPECT_TRUE(same(drawn(tracked, names), drawn(found, with_id)));
    EXPECT_TRUE(same(drawn(tracked, names, {.conf = false}), drawn(found, with_id, {.conf = false})));
    EXPECT_TRUE(same(drawn(tracked, names, {.labels = false}), drawn(found, names, {.labels = false})));
    EXPECT_FALSE(same(drawn(tracked, names), drawn(found, names)));
}

TEST(Draw, TracksAreDrawnFromTheLastToTheFirstWhateverTheirScores) {
    const ClassNames names = {"circle", "square"};
    const Box first = {40, 60, 160, 150, 0.5F, 0, 1};
    const Box second = {60, 80, 180, 170, 0.9F, 1, 2};
    Image wanted = gray_image(200, 300);
    draw_detections(wanted, std::vector<Box>{second}, names, {});
    draw_detections(wanted, std::vector<Box>{first}, names, {});
    EXPECT_TRUE(same(drawn({first, second}, names), wanted));
}

TEST(Draw, EqualsUltralyticsImageOutsideOfLabels) {
    YOLOVINO_NEEDS_SHARED();
    const ClassNames names = golden_names();
    ASSERT_EQ(names.size(), 80U);
    std::ifstream file(test::shared_dir() / "golden/predict_exported.json");
    std::vector<Box> boxes;
    const nlohmann::json golden = nlohmann::json::parse(file);
    for (const auto& b : golden.at("bus.jpg").at("boxes")) {
        boxes.push_back({b[0], b[1], b[2], b[3], b[4], b[5].get<int>()});
    }
    ASSERT_GE(boxes.size(), 4U);
    Image image = load_image(test::shared_dir() / "data/images/bus.jpg");
    draw_detections(image, boxes, names, {});
    if (const char* keep = std::getenv("YOLOVINO_KEEP_DRAWING")) save_image(image, keep);

    const Image expected = load_image(test::shared_dir() / "golden/annotated_bus.jpg");
    const Image ours = decode_image(encode_jpeg(image), "ours");
    ASSERT_EQ(ours.size(), expected.size());
    const auto label_zones = zones_of(boxes, ours.size());
    std::size_t different = 0;
    double label_sum = 0;
    double label_bytes = 0;
    for (int y = 0; y < ours.height(); ++y) {
        for (int x = 0; x < ours.width() * 3; ++x) {
            const int delta = std::abs(int(ours.row(y)[x]) - int(expected.row(y)[x]));
            const auto holds = [&](const cv::Rect& zone) { return zone.contains({x / 3, y}); };
            if (std::ranges::any_of(label_zones, holds)) {
                label_sum += delta;
                label_bytes += 1;
            } else {
                different += delta > 0 ? 1U : 0U;
            }
        }
    }
    EXPECT_EQ(different, 0U);
    EXPECT_LT(label_sum / label_bytes,
              25);  // measured 20.7; a wrong colour of the fields gives 37, a wrong side of the corner 46
}

TEST(Draw, TakesColoursByClass) {
    const Image image = drawn({{50, 50, 150, 150, 0.9F, 25}}, {}, {.conf = false, .labels = false});
    const std::uint8_t* pixel = image.row(100) + 50 * 3;  // class 25 has the palette's entry 5, FF6FDD
    EXPECT_EQ(pixel[0], 0xDD);
    EXPECT_EQ(pixel[1], 0x6F);
    EXPECT_EQ(pixel[2], 0xFF);
    EXPECT_EQ(image.row(20)[20 * 3], 90);
}

TEST(Draw, PutsTheHighestScoreOnTop) {
    const Box low{50, 50, 150, 150, 0.3F, 0};
    const Box high{50, 50, 150, 150, 0.9F, 1};
    const PlotArgs plain{.conf = false, .labels = false};
    const Image expected = drawn({high}, {}, plain);
    const auto at = [](const Image& image) { return std::vector<int>(image.row(100) + 150, image.row(100) + 153); };
    EXPECT_EQ(at(drawn({high, low}, {}, plain)), at(expected));
    EXPECT_EQ(at(drawn({low, high}, {}, plain)), at(expected));
}

TEST(Draw, WritesWhatWasAskedFor) {
    const std::vector<Box> boxes = {{50, 80, 150, 150, 0.87F, 0}};
    const ClassNames names = {"cat"};
    const Image both = drawn(boxes, names);
    const Image name_only = drawn(boxes, names, {.conf = false});
    const Image score_only = drawn(boxes, names, {.labels = false});
    const Image bare = drawn(boxes, names, {.conf = false, .labels = false});
    EXPECT_FALSE(same(both, name_only));
    EXPECT_FALSE(same(both, score_only));
    EXPECT_FALSE(same(name_only, bare));
    EXPECT_TRUE(same(score_only, drawn(boxes, {"dog"}, {.labels = false})));
    EXPECT_TRUE(same(drawn(boxes, names, {.boxes = false}), gray_image(200, 300)));
}

TEST(Draw, KeepsLabelsInsideTheImage) {
    const std::vector<Box> boxes = {{280, 2, 299, 60, 0.9F, 0}};
    const Image image = drawn(boxes, {"person"});
    const std::uint8_t* pixel = image.row(4) + 200 * 3;  // palette entry 0, shifted left and below the upper edge
    EXPECT_EQ(pixel[0], 0xFF);
    EXPECT_EQ(pixel[1], 0x2A);
    EXPECT_EQ(pixel[2], 0x04);
}

TEST(Draw, ControlCharactersBecomeQuestionMarks) {
    const std::vector<Box> boxes = {{50, 80, 150, 150, 0.87F, 0}};
    EXPECT_TRUE(same(drawn(boxes, {"a\nb"}), drawn(boxes, {"a?b"})));
}

TEST(Draw, WritesTheNumberOfANamelessClass) {
    const Box box{50, 80, 150, 150, 0.87F, 7};
    EXPECT_TRUE(same(drawn({box}, {"cat"}), drawn({box}, {"a", "b", "c", "d", "e", "f", "g", "7"})));
}

TEST(Draw, AcceptsStrangeBoxes) {
    const float nan = std::nanf("");
    const float huge = 1e30F;
    const std::vector<Box> boxes = {
        {nan, nan, nan, nan, 0.5F, -3}, {-huge, -huge, huge, huge, 0.4F, 1}, {9, 9, 1, 1, 0.3F, 2}};
    EXPECT_NO_THROW(drawn(boxes, {"x"}));
    EXPECT_NO_THROW(drawn(boxes, {"x"}, {.line_width = 5000}));
    EXPECT_NO_THROW(drawn(boxes, {"x"}, {.line_width = -1}, {1, 1}));
    Image none;
    EXPECT_EQ(test::code_of([&] { draw_detections(none, boxes, {}, {}); }), ErrorCode::InvalidArgument);
}

TEST(DrawRotated, JoinsTheCornersWithoutSmoothing) {
    Image image = gray_image(200, 300);
    const std::vector<RotatedBox> boxes = {{150, 100, 100, 60, 0, 0.9F, 25}};
    draw_rotated_boxes(image, boxes, {}, {.conf = false, .labels = false});
    const auto at = [&](int y, int x) { return std::vector<int>(image.row(y) + 3 * x, image.row(y) + 3 * x + 3); };
    const std::vector<int> color = {0xDD, 0x6F, 0xFF};
    for (int x = 100; x <= 200; ++x) EXPECT_EQ(at(70, x), color) << x;
    for (int y = 70; y <= 130; ++y) EXPECT_EQ(at(y, 200), color) << y;
    EXPECT_EQ(at(100, 150), std::vector<int>(3, 90));
    Image hidden = gray_image(200, 300);
    draw_rotated_boxes(hidden, boxes, {}, {.boxes = false});
    EXPECT_TRUE(same(hidden, gray_image(200, 300)));
}

TEST(DrawRotated, TheLabelHangsAtTheFirstCorner) {
    Image image = gray_image(200, 300);
    draw_rotated_boxes(image, std::vector<RotatedBox>{{100, 100, 40, 60, 0, 0.9F, 0}}, {"cat"}, {});
    const std::uint8_t* field = image.row(129) + 3 * 121;  // above the lower right corner
    EXPECT_EQ(field[0], 0xFF);
    EXPECT_EQ(field[1], 0x2A);
    EXPECT_EQ(field[2], 0x04);
}

TEST(DrawRotated, AcceptsStrangeBoxes) {
    const float nan = std::nanf("");
    Image image = gray_image(200, 300);
    const std::vector<RotatedBox> boxes = {
        {nan, nan, nan, nan, nan, 0.5F, -3}, {1e30F, -1e30F, 1e30F, 1e30F, 7, 0.4F, 1}, {9, 9, -5, 1e9F, 1e9F, nan, 2}};
    EXPECT_NO_THROW(draw_rotated_boxes(image, boxes, {"x"}, {.line_width = 5000}));
    Image none;
    EXPECT_EQ(test::code_of([&] { draw_rotated_boxes(none, boxes, {}, {}); }), ErrorCode::InvalidArgument);
}

TEST(Caption, StaysInItsRegion) {
    Image image = gray_image(60, 120);
    draw_caption(image, {10, 20, 24, 50}, "a very long name of a file that does not fit.jpg");
    std::size_t inside = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.row(y)[std::ptrdiff_t{x} * 3] == 90) continue;
            ++inside;
            EXPECT_TRUE(y >= 10 && y < 34 && x >= 20 && x < 70) << y << ", " << x;
        }
    }
    EXPECT_GT(inside, 50U);
    draw_caption(image, {100, 200, 24, 50}, "outside");
    draw_caption(image, {0, 0, 24, 0}, "no room");
}

}  // namespace
}  // namespace yolovino::vision
