#include "vision/text.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "vision/draw.hpp"

namespace yolovino::vision {
namespace {

int ink(const TextMask& mask) {
    return static_cast<int>(std::ranges::count_if(mask.coverage, [](std::uint8_t value) { return value > 128; }));
}

TEST(Text, DrawsCharactersBeyondAscii) {
    const TextMask plain = render_text("naive", 24);
    const TextMask accented = render_text("naïve", 24);
    const TextMask question = render_text("na?ve", 24);
    EXPECT_GT(ink(plain), 50);
    EXPECT_EQ(accented.height, plain.height);
    EXPECT_NE(accented.coverage, plain.coverage);
    EXPECT_NE(accented.coverage, question.coverage) << "the character was replaced";
    EXPECT_GT(render_text("кошка", 24).width, plain.width / 2);
}

TEST(Text, GrowsWithTheSize) {
    const TextMask small = render_text("дом", 12);
    const TextMask large = render_text("дом", 48);
    EXPECT_NEAR(large.height, small.height * 4, 4);
    EXPECT_NEAR(large.width, small.width * 4, 8);
}

TEST(Text, BrokenAndHostileTextIsDrawnAsQuestionMarks) {
    EXPECT_EQ(render_text("\xC3", 20).coverage, render_text("?", 20).coverage);
    EXPECT_EQ(render_text("\x80\xFF", 20).coverage, render_text("??", 20).coverage);
    EXPECT_EQ(render_text("\x1B", 20).coverage, render_text("?", 20).coverage);
    EXPECT_EQ(render_text("", 20).width, 0);
    EXPECT_EQ(render_text(std::string(100000, 'x'), 20).width, render_text(std::string(256, 'x'), 20).width);
}

TEST(Text, LabelsOfBoxesUseIt) {
    const auto label = [](const std::string& name) {
        Image image(120, 300);
        std::fill_n(image.data(), image.size_bytes(), std::uint8_t{90});
        const std::vector<Box> boxes{{20, 60, 200, 110, 0.5F, 0}};
        draw_detections(image, boxes, {name}, {});
        return std::vector<std::uint8_t>(image.data(), image.data() + image.size_bytes());
    };
    EXPECT_NE(label("naïve"), label("na?ve"));
    EXPECT_NE(label("дом"), label("сон")) << "every character is the same mark";
}

}  // namespace
}  // namespace yolovino::vision
