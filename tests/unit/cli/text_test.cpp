#include "cli/text.hpp"

#include <gtest/gtest.h>

namespace yolovino::cli {
namespace {

// The expected ratios were computed with difflib.SequenceMatcher of Python 3.
TEST(Similarity, EqualsDifflib) {
    EXPECT_DOUBLE_EQ(similarity("", ""), 1.0);
    EXPECT_DOUBLE_EQ(similarity("conf", "conf"), 1.0);
    EXPECT_DOUBLE_EQ(similarity("abcd", "bcde"), 0.75);
    EXPECT_DOUBLE_EQ(similarity("conf", "xyz"), 0.0);
    EXPECT_DOUBLE_EQ(similarity("imgsz", "imgs"), 8.0 / 9.0);
    EXPECT_DOUBLE_EQ(similarity("model", "modle"), 0.8);
    EXPECT_DOUBLE_EQ(similarity("tide", "diet"), 0.25);
    EXPECT_DOUBLE_EQ(similarity("diet", "tide"), 0.5);
}

TEST(CloseMatches, AreSortedAndAtMostThree) {
    EXPECT_EQ(close_matches("appel", {"ape", "apple", "peach", "puppy"}), (std::vector<std::string>{"apple", "ape"}));
    EXPECT_EQ(close_matches("save_", {"save", "save_txt", "save_conf", "save_crop"}).size(), 3U);
    EXPECT_TRUE(close_matches("zzzz", {"conf", "iou"}).empty());
    EXPECT_EQ(close_matches("iu", {"iou", "iou"}), std::vector<std::string>{"iou"});
    EXPECT_TRUE(close_matches(std::string(100'000, 'a'), {std::string(100'000, 'a')}).empty());
}

TEST(Safe, EscapesWhatTerminalsObey) {
    EXPECT_EQ(safe("dog\x1b[31m\n\x7f"), "dog\\x1b[31m\\x0a\\x7f");
    EXPECT_EQ(safe("\xc2\x9b"
                   "31m"),
              "\\xc2\\x9b31m");
    EXPECT_EQ(safe("a\x9b"
                   "31m"),
              "a\\x9b31m");
    // Behind a byte that begins nothing, too: a terminal of 8 bits obeys 0x9b.
    EXPECT_EQ(safe("\xf8\x9b"
                   "31m\xc0\x80"),
              "\\xf8\\x9b31m\\xc0\\x80");
    EXPECT_EQ(safe("größe 猫"), "größe 猫");
    EXPECT_EQ(safe("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");
    EXPECT_EQ(safe("\u202e"), "\\xe2\\x80\\xae");
    EXPECT_EQ(safe(std::string(5000, 'a')).size(), 5000U);
}

TEST(Grouped, PutsCommasBetweenThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(129), "129");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(3157200), "3,157,200");
}

}  // namespace
}  // namespace yolovino::cli
