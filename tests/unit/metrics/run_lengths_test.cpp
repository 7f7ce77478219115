#include "metrics/run_lengths.hpp"

#include <gtest/gtest.h>

namespace yolovino::metrics {
namespace {

TEST(RunLengths, OfPolygonsAreThoseOfPycocotools) {
    // Recorded with pycocotools 2.0: mask.frPyObjects([polygon], height, width)
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{10, 10, 30, 12.5, 22.3, 28.1}, {40, 50})),
              "j<1W11O2N101N1O1O2N1O2N1O2O0ON2N2N2N2N2N3Meh0");
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{-5, -3, 20, 4, 60, 33, 7.7, 29.9}, {32, 48})),
              "0;e02N3M3M2N3M3N1N1O0001O0000001O00010O00001O1O001O1O1O001O1O1O001O1O010O1O1O001O1O1O001O1O001O1O");
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{0.1, 0.1, 0.9, 0.1, 0.9, 0.9}, {4, 4})), "`0");
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{3.5, 2, 3.5, 20, 9.1, 20, 9.1, 2}, {24, 16})),
              "R3b060000000V5");
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{12, 1, 14, 30, 15.2, 30, 13.1, 1}, {32, 32})),
              "Q<7m0;0HU`0");
    EXPECT_EQ(text_of_runs(runs_of_polygon(std::vector<double>{40, 5, 5, 20, 40, 35, 39, 20}, {37, 41})),
              "a72S10O101O0O2O0O2O0O101O0O2O0O2O0O101O0O2O0O2O0O101O0O2O0O2O0O101O0O[O71h0");
}

TEST(RunLengths, TextIsReadAsItIsWritten) {
    for (const Runs& runs : {Runs{12}, Runs{0, 12}, Runs{3, 1, 5, 3}, Runs{100'000, 7, 90'000, 1, 4'294'967'295}})
        EXPECT_EQ(parse_runs(text_of_runs(runs)), runs);
}

TEST(RunLengths, ForgedTextIsRefused) {
    // A character outside of the alphabet, a run that goes on behind the end, one below zero, one beyond 32 bits.
    for (const char* text : {"\x7f", "1 ", "P", "1O", "ooooooooooo0"})
        EXPECT_EQ(parse_runs(text), std::nullopt) << text;
    EXPECT_EQ(parse_runs(""), Runs());
}

TEST(RunLengths, OfAMaskFollowItsColumns) {
    // Two columns of three rows at (1, 2) of a grid of 5 x 4: the first full, of the second the last pixel.
    const Masks::Instance mask{1, 2, 3, 2, {0b01, 0b01, 0b11}};
    EXPECT_EQ(runs_of_mask(mask, {5, 4}), (Runs{11, 3, 4, 1, 1}));
    EXPECT_EQ(area_of(runs_of_mask(mask, {5, 4})), 4U);
    EXPECT_EQ(runs_of_mask({}, {5, 4}), Runs{20});
}

TEST(RunLengths, OfAMaskJoinColumnsOfFullHeight) {
    const Masks::Instance mask{0, 0, 2, 3, {0b111, 0b111}};
    EXPECT_EQ(runs_of_mask(mask, {2, 3}), (Runs{0, 6}));
}

TEST(RunLengths, AreUnitedAndShared) {
    const Runs a = {2, 4, 6};  // pixels 2 to 5
    const Runs b = {4, 4, 4};  // 4 to 7
    const Runs c = {10, 2};    // 10 to the end
    const std::vector<Runs> all = {a, b, c};
    EXPECT_EQ(united(all), (Runs{2, 6, 2, 2}));
    EXPECT_EQ(shared_area(a, b), 2U);
    EXPECT_EQ(shared_area(a, c), 0U);
    EXPECT_EQ(shared_area(c, c), 2U);
}

}  // namespace
}  // namespace yolovino::metrics
